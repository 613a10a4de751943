"""The bot as `python -m bot serve` runs it, quiet."""

from __future__ import annotations

import os

from bot.server import serve
from bot.settings import read_settings

if __name__ == "__main__":
    serve(read_settings(os.environ))
