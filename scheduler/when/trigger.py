"""Slots as a trigger of APScheduler, which tells when and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from apscheduler.triggers.base import BaseTrigger

from .holidays import Holiday
from .reminds import Remind
from .rule import Rule
from .slots import next_slots


class SlotTrigger(BaseTrigger):  # type: ignore[misc]  # apscheduler 3 has no types
    """Fires at every slot of a rule, once however many slots share the time."""

    def __init__(self, rule: Rule, holiday: Holiday, reminds: Sequence[Remind], zone: tzinfo) -> None:
        self.rule, self.holiday, self.reminds, self.zone = rule, holiday, tuple(reminds), zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first slot after the previous one, so that one missed is still fired; without a previous, from now on."""
        after = previous_fire_time + timedelta(microseconds=1) if previous_fire_time else now
        found = next_slots(self.rule, self.holiday, self.reminds, after, self.zone, n=1)
        return found[0].at if found else None

    def __str__(self) -> str:
        return f"slots[{self.rule.text}]"


def trigger(rule: Rule, holiday: Holiday, reminds: Sequence[Remind], zone: tzinfo) -> SlotTrigger:
    """The APScheduler trigger that fires at the slots of a rule."""
    return SlotTrigger(rule, holiday, reminds, zone)
