"""Written rules and their dates: every row of when_table.yaml, and what a table cannot say."""

from __future__ import annotations

import pickle
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
import yaml

from scheduler.preview import Timing, as_json, rows, table, upcoming, warnings
from scheduler.when import Holiday, WhenError, next_slots, parse, parse_holiday, parse_remind, slots, trigger
from scheduler.when.lunar import months, terms

SHANGHAI = ZoneInfo("Asia/Shanghai")
TABLE = yaml.load(Path(__file__).with_name("when_table.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)


def rows_of(section: str) -> Any:
    return [pytest.param(row, id=f"{row.get('when', row.get('remind'))} {row['why']}") for row in TABLE[section]]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def timing(when: str, holiday: str | None = "照发", remind: tuple[str, ...] = (), notice: str = "通知") -> Timing:
    rule = parse(when)
    return Timing(notice, rule, parse_holiday(holiday, rule), [parse_remind(line, rule) for line in remind])


def sendings(row: Any) -> list[Any]:
    it = timing(row["when"], row.get("holiday", "照发"), tuple(row.get("remind", ())))
    return list(slots(it.rule, it.holiday, it.reminds, day(row["from"]), day(row["to"]) + timedelta(days=1), SHANGHAI))


@pytest.mark.parametrize("row", rows_of("rules") + rows_of("holidays"))
def test_it_gives_the_dates_of_the_table(row: Any) -> None:
    found = [f"{slot.at:%Y-%m-%d}" + (f"<{slot.moved_from}" if slot.moved_from else "") for slot in sendings(row)]
    assert " ".join(found) == row["dates"]
    assert {f"{slot.event:%H:%M}" for slot in sendings(row)} == {row["at"]}


@pytest.mark.parametrize("row", rows_of("reminds"))
def test_it_reminds_at_the_times_of_the_table(row: Any) -> None:
    assert " ".join(f"{slot.at:%Y-%m-%dT%H:%M}" for slot in sendings(row)) == row["dates"]


@pytest.mark.parametrize("row", rows_of("refused"))
def test_it_refuses_and_offers_the_nearest_readings(row: Any) -> None:
    with pytest.raises(WhenError) as refused:
        parse(row["when"])
    assert list(refused.value.readings) == row["offers"]
    assert all(parse(reading).text == reading for reading in row["offers"])
    assert all(f"“{reading}”" in str(refused.value) for reading in row["offers"])


@pytest.mark.parametrize("row", rows_of("refused_reminds"))
def test_it_refuses_a_remind_and_offers_the_nearest_readings(row: Any) -> None:
    with pytest.raises(WhenError) as refused:
        parse_remind(row["remind"], parse("每周四 09:00"))
    assert list(refused.value.readings) == row["offers"]
    assert all(parse_remind(reading, parse("每周四 09:00")) for reading in row["offers"])


@pytest.mark.parametrize("row", rows_of("rules") + rows_of("holidays") + rows_of("reminds"))
def test_its_own_words_mean_the_same(row: Any) -> None:
    rule = parse(row["when"])
    assert parse(rule.text) == rule


def test_the_table_is_long_enough() -> None:
    assert len({row["when"] for row in TABLE["rules"]}) >= 120


# --- messages


def test_a_refusal_says_what_is_wrong_in_chinese() -> None:
    with pytest.raises(WhenError) as refused:
        parse("双周周三 19:00 自2026-12-03")
    assert str(refused.value) == (
        "“双周周三 19:00 自2026-12-03”读不懂：2026-12-03 是周四，不在“双周周三”里；"
        "可以写：“双周周三 19:00 自2026-12-02”、“双周周三 19:00 自2026-12-09”"
    )


@pytest.mark.parametrize(
    ("when", "note"),
    [
        ("每月31日 9点", "没有31日的月份不办（要月底请写“最后一天”）"),
        ("每月第五个周日 9点", "没有第五个周日的月份不办"),
        ("农历腊月三十 9点", "农历没有三十的月份不办（要年夜请写“除夕”）"),
        ("每年2月29日 9点", "没有29日的年份不办（要月底请写“最后一天”）"),
        ("每月28日 9点", ""),
        ("每月最后一天 9点", ""),
        ("每周四 9点", ""),
    ],
)
def test_a_rule_that_skips_months_says_so(when: str, note: str) -> None:
    assert parse(when).note == note


# --- holidays


@pytest.mark.parametrize("when", ["每周四 09:00", "每年6月1日 9点", "工作日 9点", "农历十月初一 9点"])
def test_it_asks_what_a_holiday_does(when: str) -> None:
    with pytest.raises(WhenError, match="照发、跳过、顺延") as refused:
        parse_holiday(None, parse(when))
    assert refused.value.readings == ("照发", "跳过", "顺延", "提前")


@pytest.mark.parametrize(
    "when", ["重阳节 09:00", "元宵节前1天 18:00", "2026-12-24 09:00", "农历九月初九 9点", "元旦 9点"]
)
def test_it_does_not_ask_for_festivals_and_single_dates(when: str) -> None:
    assert parse_holiday(None, parse(when)) is Holiday.SEND


def test_it_does_not_know_another_word_for_a_holiday() -> None:
    with pytest.raises(WhenError, match="“延后”"):
        parse_holiday("延后", parse("每周四 09:00"))


def test_a_moved_event_says_why() -> None:
    it = timing("每周五 09:00", "顺延")
    [slot] = slots(it.rule, it.holiday, [], day("2026-09-25"), day("2026-09-29"), SHANGHAI)
    assert slot.moved_from == date(2026, 9, 25)
    assert slot.reason == "原定9月25日（周五），逢中秋假期，顺延到9月28日（周一）"


def test_a_year_without_calendar_is_said_loudly() -> None:
    it = timing("每周四 09:00", "顺延")
    found = next_slots(it.rule, it.holiday, [], day("2026-12-20"), SHANGHAI, 3)
    # 元旦 of 2027 may still take the last days of 2026.
    assert [slot.note for slot in found] == ["", *["2027年放假安排尚未公布，按平日计"] * 2]


def test_working_days_are_those_of_the_library() -> None:
    start, end = date(2025, 1, 1), date(2026, 12, 31)
    found = slots(parse("工作日 9点"), Holiday.SEND, [], day("2025-01-01"), day("2027-01-01"), SHANGHAI)
    assert [slot.at.date() for slot in found] == chinese_calendar.get_workdays(start, end)


# --- lunar


@pytest.mark.parametrize(
    ("year", "new_year", "leap"),
    # The years known to trip libraries: a leap 11th month in 2033, a new moon minutes before midnight in 2057.
    [(2023, "2023-01-22", 2), (2025, "2025-01-29", 6), (2028, "2028-01-26", 5), (2033, "2033-01-31", 11)],
)
def test_lunar_years_begin_and_leap_as_published(year: int, new_year: str, leap: int) -> None:
    assert months(year)[0].first.isoformat() == new_year
    assert [month.month for month in months(year) if month.leap] == [leap]


def test_the_ninth_month_of_2057_begins_on_the_29th() -> None:
    assert next(month.first for month in months(2057) if month.month == 9) == date(2057, 9, 29)


def test_solar_terms_are_those_of_the_other_library() -> None:
    for year in range(2020, 2050):
        known = {name: day for day, name in chinese_calendar.get_solar_terms(date(year, 1, 1), date(year, 12, 31))}
        assert terms(year) == known


# --- times


def test_a_time_that_the_clock_leaves_out_is_moved_and_said() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2027, 3, 28, tzinfo=berlin)
    [slot] = slots(parse("每天 02:30"), Holiday.SEND, [], start, start + timedelta(days=1), berlin)
    assert slot.at.isoformat() == "2027-03-28T03:30:00+02:00"
    assert "当地这天没有02:30，改为03:30" in slot.note


def test_the_window_takes_its_start_and_leaves_its_end() -> None:
    at = [
        slot.at
        for slot in slots(
            parse("每天 9点"), Holiday.SEND, [], day("2026-12-01T09:00"), day("2026-12-02T09:00"), SHANGHAI
        )
    ]
    assert at == [day("2026-12-01T09:00")]


def test_next_slots_end_with_the_rule() -> None:
    once = parse("2026-12-24 09:00")
    assert len(next_slots(once, Holiday.SEND, [], day("2026-12-01"), SHANGHAI)) == 1
    assert next_slots(once, Holiday.SEND, [], day("2026-12-25"), SHANGHAI) == []
    assert len(next_slots(parse("每年2月29日 9点"), Holiday.SEND, [], day("2026-12-01"), SHANGHAI)) == 6


def test_a_remind_keeps_the_words_of_the_file() -> None:
    assert parse_remind(" 前一天 晚上8点 ", parse("每周四 9点")).text == "前一天 晚上8点"


def test_the_first_of_two_lines_that_say_the_same_time_is_kept() -> None:
    it = timing("每周四 10:00", remind=("提前2小时", "当天 08:00"))
    assert [slot.remind for slot in next_slots(it.rule, it.holiday, it.reminds, day("2026-12-01"), SHANGHAI, 1)] == [
        "提前2小时"
    ]


@pytest.mark.parametrize(
    "when",
    [
        "每周一、日 9点",
        "双周周一 9点 自2026-01-05",
        "农历腊月廿九 9点",
        "除夕前3天 9点",
        "清明节后1天 9点",
        "农历每月三十 9点",
        "春节前2个工作日 9点",
        "每月最后一个工作日 9点",
    ],
)
def test_days_asked_one_by_one_are_those_asked_at_once(when: str) -> None:
    days, first, last = parse(when).days, date(2025, 12, 1), date(2027, 3, 1)
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert [one for one in every for _ in days.between(one, one)] == list(days.between(first, last))


# --- APScheduler


def test_the_trigger_fires_at_every_slot_and_ends() -> None:
    it = timing("每周四 09:00", "顺延", ("提前1天 18:00", "提前2小时"))
    fires, now = trigger(it.rule, it.holiday, it.reminds, SHANGHAI), day("2026-09-20")
    fired: list[datetime] = []
    while (at := fires.get_next_fire_time(fired[-1] if fired else None, now)) and at < day("2026-10-20"):
        fired.append(at)
    assert fired == [slot.at for slot in slots(it.rule, it.holiday, it.reminds, now, day("2026-10-20"), SHANGHAI)]
    once = trigger(parse("2026-12-24 09:00"), Holiday.SEND, [], SHANGHAI)
    assert once.get_next_fire_time(day("2026-12-24T09:00"), day("2026-12-24T09:01")) is None


def test_the_trigger_gives_what_was_missed() -> None:
    fires = trigger(parse("每天 09:00"), Holiday.SEND, [], SHANGHAI)
    assert fires.get_next_fire_time(day("2026-12-01T09:00"), day("2026-12-09T12:00")) == day("2026-12-02T09:00")


def test_the_trigger_can_be_pickled_and_shown() -> None:
    fires = pickle.loads(pickle.dumps(trigger(parse("除夕 9点"), Holiday.SEND, [], SHANGHAI)))
    assert str(fires) == "slots[除夕 09:00]"
    assert fires.get_next_fire_time(None, day("2027-01-01")) == day("2027-02-05T09:00")


# --- preview


def test_the_json_of_a_row_is_as_promised() -> None:
    [row] = rows(
        [timing("每周五 09:00", "顺延", ("提前1天 18:00",), "清洁家园")], day("2026-09-25"), day("2026-09-28"), SHANGHAI
    )
    assert as_json(row) == {
        "notice": "清洁家园",
        "at": "2026-09-27T18:00:00+08:00",
        "event": "2026-09-28T09:00:00+08:00",
        "remind": "提前1天 18:00",
        "moved_from": "2026-09-25",
    }


def test_rows_of_all_notices_are_in_order_of_time() -> None:
    timings = [
        timing("每天 10:00", notice="集市"),
        timing("每周四 09:00", notice="清洁"),
        timing("每天 10:00", notice="二号"),
    ]
    found = rows(timings, day("2026-12-03"), day("2026-12-04"), SHANGHAI)
    assert [row.notice for row in found] == ["清洁", "集市", "二号"]
    assert as_json(found[0])["remind"] is None


def test_the_table_shows_what_a_holiday_moves_and_cancels() -> None:
    timings = [
        timing("每周四 09:00", "顺延", notice="清洁家园"),
        timing("每月1日 09:00", "跳过", notice="量血压"),
        timing("每周五 16:00", "顺延", notice="例会"),
    ]
    assert table(timings, day("2026-09-30"), day("2026-10-09"), SHANGHAI).splitlines() == [
        "发送时间                 通知      活动时间                 提醒  说明",
        "不发                     清洁家园  2026-10-01（周四）09:00        原定10月1日（周四），逢国庆节假期，顺延到10月8日（周四），与那天的合为一次",
        "不发                     量血压    2026-10-01（周四）09:00        逢国庆节假期，跳过",
        "2026-10-08（周四）09:00  清洁家园  2026-10-08（周四）09:00",
        "2026-10-08（周四）16:00  例会      2026-10-08（周四）16:00        原定10月2日（周五），逢国庆节假期，顺延到10月8日（周四）",
    ]


def test_the_table_begins_with_what_needs_attention() -> None:
    timings = [timing("每月31日 9点", notice="月底会"), timing("每周四 9点", notice="清洁")]
    shown = table(timings, day("2027-01-01"), day("2027-02-01"), SHANGHAI)
    assert shown.splitlines()[:2] == [
        "注意：没有31日的月份不办（要月底请写“最后一天”）（月底会）",
        "注意：2027年放假安排尚未公布，按平日计（清洁、月底会）",
    ]
    assert warnings(timings, []) == ["没有31日的月份不办（要月底请写“最后一天”）（月底会）"]


def test_an_empty_table_says_so() -> None:
    assert table([], day("2026-12-01"), day("2026-12-02"), SHANGHAI) == "这段时间没有要发的通知"


def test_upcoming_shows_six_sendings_with_their_weekday() -> None:
    lines = upcoming(timing("每周四 09:00", "顺延"), day("2026-12-15"), SHANGHAI)
    assert len(lines) == 6
    assert lines[0] == "2026-12-17（周四）09:00  2026-12-17（周四）09:00"
    assert lines[-1].endswith("2027年放假安排尚未公布，按平日计")


def test_a_year_of_a_rule_is_quick() -> None:
    it = timing("每周四 09:00", "顺延", ("提前1天 18:00",))
    begun = perf_counter()
    for _ in range(20):
        assert len(list(slots(it.rule, it.holiday, it.reminds, day("2026-01-01"), day("2027-01-01"), SHANGHAI))) == 52
    # 0.5 ms each where it was written; the bound is for a busy machine.
    assert perf_counter() - begun < 20 * 0.05
