"""The real knowledge: complete, in our own words, every figure from its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cases import Case, read_cases
from bot.check import SOURCES
from bot.guard import Evidence, doubts, source_of
from bot.settings import HOME

CASES = read_cases(HOME / "cases.yaml")
FOLDER = HOME / SOURCES


def test_all_thirty_nine_cases_are_there() -> None:
    assert len(CASES) == 39
    assert sum(case.id.startswith("wjc-") for case in CASES) == 14


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the source texts are not beside this checkout")
def test_every_source_has_its_case() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {case.id for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_is_borne_out_by_its_source_and_fits_a_reply(case: Case) -> None:
    assert [doubt.what for doubt in doubts(case, source_of(case, FOLDER))] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_practice_has_both_faces_and_enough_asks(case: Case) -> None:
    for practice in case.practices:
        assert len(practice.asks) >= 8, practice.id
        assert practice.resident.answer and practice.resident.contact and practice.worker.steps, practice.id


@pytest.mark.parametrize(
    ("source", "claim", "unknown"),
    [
        ("共有31、5万元", "31.5万元", []),
        ("共有 7 5 户", "75户", []),
        ("三十一项", "31项", []),
        ("一百零五人，两部", "105人，2部", []),
        ("二〇二三", "2023年", ["2023"]),
        ("300余户", "400余户", ["400"]),
        ("１２部电梯", "12部", []),
        ("十五分钟", "15分钟", []),
    ],
)
def test_a_figure_must_stand_in_the_source(source: str, claim: str, unknown: list[str]) -> None:
    assert Evidence(source).unknown_figures(claim) == unknown


def test_a_run_of_the_source_is_found_whatever_its_punctuation() -> None:
    source = "居委会组织居民代表、楼组长和志愿者挨家挨户上门征求意见，汇总后公示。"
    assert Evidence(source).copied("居委会组织居民代表楼组长和志愿者，挨家挨户上门。")
    assert not Evidence(source).copied("居委会请楼组长和志愿者一家家问意见，再公示出来。")


def test_no_source_file_is_part_of_the_project() -> None:
    assert not list(Path(HOME).glob("**/wjc-*.txt"))
