"""When a notice is due, written in plain Chinese: 每月第二个周四 14:00, 逢假日顺延, 提前1天 18:00.

rule = parse("每月第二个周四 14:00")
holiday = parse_holiday("顺延", rule)
reminds = [parse_remind("提前1天 18:00", rule)]
next_slots(rule, holiday, reminds, now, zone)
"""

from .errors import WhenError
from .holidays import Holiday
from .reminds import Remind, parse_remind
from .rule import Rule, parse, parse_holiday
from .slots import Event, Slot, events, next_slots, slots
from .trigger import trigger

__all__ = [
    "Event",
    "Holiday",
    "Remind",
    "Rule",
    "Slot",
    "WhenError",
    "events",
    "next_slots",
    "parse",
    "parse_holiday",
    "parse_remind",
    "slots",
    "trigger",
]
