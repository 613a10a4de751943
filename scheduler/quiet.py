"""The quiet hours, in which only urgent notices go out."""

from __future__ import annotations

from datetime import datetime, time, timedelta

BEGIN, END = time(21), time(8)


def quiet_until(moment: datetime) -> datetime | None:
    """When the quiet hours that `moment` is in are over; None outside of them."""
    clock = moment.time()
    if END <= clock < BEGIN:
        return None
    day = moment.date() + timedelta(days=1 if clock >= BEGIN else 0)
    return datetime.combine(day, END, moment.tzinfo)
