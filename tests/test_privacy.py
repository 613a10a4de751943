"""Numbers that identify a person are hidden, other numbers stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy import mask, pseudonym


@pytest.mark.parametrize(
    "text",
    [
        "13812345678", "138 1234 5678", "138-1234-5678", "+8613812345678", "１３８１２３４５６７８", "电话:13812345678。",
        "021-65641234", "310101199001011234", "31010119900101123X", "310101900101123", "沪A12345", "沪A·12345", "沪AD12345", "苏E1A2B3",
    ],
)  # fmt: skip
def test_it_masks(text: str) -> None:
    masked = mask(f"我是{text}住户")
    assert "[" in masked
    assert not any(run in masked for run in ("12345", "0101", "6564", "1A2B3"))


@pytest.mark.parametrize(
    "text", ["12345热线", "有2284户", "2026-12-24 09:00", "国权路322号", "95598", "1+3+N", "一共138元", "上海A区"]
)
def test_it_leaves_other_numbers(text: str) -> None:
    assert mask(text) == text


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.text(max_size=5), st.text(max_size=5))
def test_no_phone_number_survives(phone: str, before: str, after: str) -> None:
    if not (before[-1:].isdigit() or after[:1].isdigit()):
        assert phone not in mask(f"{before}{phone}{after}")


def test_a_pseudonym_needs_the_secret() -> None:
    assert pseudonym("a", "official_account", "o1") != pseudonym("b", "official_account", "o1")
    assert pseudonym("a", "wecom_app", "ZhangSan") == pseudonym("a", "wecom_app", "zhangsan")
    assert pseudonym("a", "official_account", "oAb") != pseudonym("a", "official_account", "oab")
