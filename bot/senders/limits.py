"""What the platforms allow, each figure with its source; platforms change them without notice."""

from __future__ import annotations

from dataclasses import dataclass

from bot.store.contacts import Window

_AFTER_MESSAGE = Window(5, 48 * 3600.0)
_AFTER_ACTION = Window(3, 60.0)


@dataclass(frozen=True)
class Limits:
    """Figures that a sender keeps to."""

    robot: tuple[int, float] = (20, 60.0)
    """企业微信《消息推送配置说明》2025-08-07: 20 messages a minute for each robot."""
    app: tuple[int, float] = (1000, 60.0)
    """企业微信《访问频率限制》2023-08-28: 10,000 calls a minute for each enterprise and API; a tenth of it leaves room for others."""
    custom: tuple[int, float] = (3000, 60.0)
    """公众号《客服消息》: 500,000 calls a day and no figure for a minute; this is ours."""
    mass: tuple[int, float] = (60, 60.0)
    """公众号《群发》: 60 calls a minute."""
    message_window: Window = _AFTER_MESSAGE
    """公众号《客服消息》: 5 messages within 48 hours of a message."""
    action_window: Window = _AFTER_ACTION
    """公众号《客服消息》: 3 messages within a minute of a menu tap, a follow or a scan."""
    robot_text: int = 2048
    robot_markdown: int = 4096
    """企业微信《消息推送配置说明》: bytes of UTF-8."""
    app_text: int = 2048
    """企业微信《发送应用消息》2025-09-24: bytes for text and for markdown; the rest would be cut off."""
    custom_text: int = 2048
    """公众号: no figure on the page; 2048 bytes in practice."""
    app_users: int = 1000
    app_groups: int = 100
    """企业微信《发送应用消息》: userids, and departments or tags, in one call."""


LIMITS = Limits()
