"""A pretend WeChat and WeCom API for the chat page and the tests: real HTTP on 127.0.0.1, and nothing leaves the machine."""

from bot.pretend.server import PretendApi
from bot.pretend.world import Arrived, Request, World

__all__ = ["Arrived", "PretendApi", "Request", "World"]
