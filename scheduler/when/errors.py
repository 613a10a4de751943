"""How a rule is refused."""

from __future__ import annotations


class WhenError(ValueError):
    """A rule that cannot be read with certainty; its message is Chinese and offers the nearest readings."""

    def __init__(self, text: str, reason: str, readings: tuple[str, ...] = ()) -> None:
        self.text, self.reason, self.readings = text, reason, readings
        offer = f"；可以写：{'、'.join(f'“{reading}”' for reading in readings)}" if readings else ""
        said = f"“{text}”读不懂：" if text else ""
        super().__init__(f"{said}{reason}{offer}")


class Unreadable(Exception):
    """A part of a rule (its days, its time) that cannot be read, with the nearest readings of that part alone."""

    def __init__(self, reason: str, *readings: str) -> None:
        self.reason, self.readings = reason, readings
        super().__init__(reason)
