"""Long texts: every part fits, nothing is lost, and a second try goes on where the first one stopped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pretend import PretendApi
from bot.pretend.faults import Fault
from bot.senders.parts import split, split_markdown
from tests.conftest import Clock
from tests.senders.conftest import Office, parcel

words = st.text(st.sampled_from("明天大扫除，请带工具。abc 😀é！？\n```"), max_size=400)
limits = st.integers(min_value=24, max_value=200)

SENTENCE = "明天上午九点在喆园大扫除，请大家带上工具。"
LONG = "".join(f"第{number}条：{SENTENCE}" for number in range(1, 70))


@given(words, limits)
def test_every_part_fits_and_joined_they_are_the_text(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(len(part.encode()) <= limit for part in parts)
    assert all(parts) or parts == [""]


@given(words, limits)
def test_every_part_of_markdown_fits_and_closes_its_code(text: str, limit: int) -> None:
    parts = split_markdown(text, limit)
    assert all(len(part.encode()) <= limit for part in parts)
    if len(parts) > 1 and text.count("```") % 2 == 0:
        assert all(part.count("```") % 2 == 0 for part in parts)


@given(words.filter(lambda text: len(text.encode()) <= 200))
def test_a_text_that_fits_stays_whole(text: str) -> None:
    assert split(text, 200) == [text]


def test_a_text_is_cut_after_a_sentence() -> None:
    parts = split(LONG, 2048)
    assert len(parts) > 1
    assert all(part.endswith("。") for part in parts)


def test_a_text_without_any_pause_is_cut_between_characters() -> None:
    assert split("啊" * 100, 100) == ["啊" * 33, "啊" * 33, "啊" * 33, "啊"]


def test_an_emoji_of_four_bytes_is_not_cut() -> None:
    assert split("😀😀", 5) == ["😀", "😀"]


CASES = [
    ("wecom_group", "GROUP_A", "webhook/send"),
    ("wecom_app", "user:zhang", "message/send"),
    ("official_account", "openid:o-met", "message/custom/send"),
]


@pytest.fixture(params=CASES, ids=[channel for channel, _, _ in CASES])
def way(request: pytest.FixtureRequest, office: Office) -> tuple[str, str, str]:
    office.meet("o-met")
    found: tuple[str, str, str] = request.param
    return found


def test_a_long_text_arrives_in_parts(office: Office, api: PretendApi, way: tuple[str, str, str]) -> None:
    channel, address, _ = way
    (outcome,) = office.send(channel, parcel(address, LONG))
    assert outcome.state == "sent"
    assert f"共 {len(api.arrived)} 段" in outcome.reason
    assert "".join(arrived.text for arrived in api.arrived) == LONG


@pytest.mark.parametrize("code", [-1, 45009])
def test_a_second_try_goes_on_after_the_parts_that_arrived(
    office: Office, api: PretendApi, way: tuple[str, str, str], code: int
) -> None:
    channel, address, path = way
    api.faults.add(Fault(path, skip=1, code=code))
    (first,) = office.send(channel, parcel(address, LONG))
    assert first.state == ("wait" if code == 45009 else "retry")
    assert "前 1 段已发" in first.reason
    (second,) = office.send(channel, parcel(address, LONG))
    assert second.state == "sent"
    assert "".join(arrived.text for arrived in api.arrived) == LONG
    office.meet("o-met")
    (again,) = office.send(channel, parcel(address, LONG, key="the same a day later"))
    assert again.state == "sent"


def test_a_changed_text_begins_anew(office: Office, api: PretendApi, clock: Clock) -> None:
    api.limit(1, "webhook/send", times=1)
    office.send("wecom_group", parcel("GROUP_A", LONG))
    (outcome,) = office.send("wecom_group", parcel("GROUP_A", "更正。" + LONG))
    assert outcome.state == "sent"
    assert "".join(arrived.text for arrived in api.arrived[1:]) == "更正。" + LONG
