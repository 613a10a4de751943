"""The cases: real stories of communities, and the practices in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from bot.message import Role
from scheduler.yamlfile import Document, Entry, Problem, Problems, read

PlaceKind = Literal["小区", "村", "街区", "园区"]


class Place(Entry):
    """Where a case happened and how people call it."""

    name: str
    area: str
    kind: PlaceKind
    aliases: tuple[str, ...]

    def area_names(self) -> frozenset[str]:
        """How people call the parts of the area: 杨浦区五角场街道 is 杨浦区, 杨浦, 五角场街道, 五角场."""
        whole = re.findall(r"[^区]{2,3}区|[^区（）]+?(?:街道|镇)", self.area)
        return frozenset((*whole, *(re.sub("(?:区|街道|镇)$", "", part) for part in whole)))


class ResidentFace(Entry):
    """A practice for a resident: plain words and one thing to do."""

    answer: str
    done: str
    advice: str
    contact: str


class WorkerFace(Entry):
    """A practice for a community worker: the procedure."""

    answer: str
    steps: tuple[str, ...]
    parties: tuple[str, ...]
    documents: tuple[str, ...]
    pitfalls: tuple[str, ...]
    results: tuple[str, ...]


class Fact(Entry):
    """One thing somebody may ask for, with its answer in a full sentence; for both roles."""

    asks: tuple[str, ...] = Field(min_length=1)
    answer: str


class Practice(Entry):
    """One problem and how it was solved; what a question is matched against."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    topics: tuple[str, ...]
    keywords: tuple[str, ...]
    asks: tuple[str, ...] = Field(min_length=1)
    resident: ResidentFace
    worker: WorkerFace
    facts: tuple[Fact, ...]
    gaps: tuple[str, ...]

    def face(self, role: Role) -> ResidentFace | WorkerFace:
        """The face for this role."""
        return self.worker if role == "worker" else self.resident


class Case(Entry):
    """One community's story."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    place: Place
    source: str
    practices: tuple[Practice, ...] = Field(min_length=1)

    @field_validator("practices")
    @classmethod
    def _own_ids(cls, practices: tuple[Practice, ...]) -> tuple[Practice, ...]:
        ids = [practice.id for practice in practices]
        twice = {one for one in ids if ids.count(one) > 1}
        if twice:
            raise ValueError(f"做法编号重复：{'、'.join(sorted(twice))}，请改成不同的编号")
        return practices


def read_cases(path: Path) -> tuple[Case, ...]:
    """All cases of the file, cross-checked; raises Problems."""
    document = read(path, "cases", Case, name=path.name)
    problems = [*_twice_ids(document), *_twice_asks(document), *_shared_aliases(document)]
    if problems:
        raise Problems(problems)
    return document.entries


def _twice_ids(document: Document[Case]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, case in enumerate(document.entries):
        if case.id in seen:
            yield document.problem(index, ["id"], f"案例编号“{case.id}”已经用过，请换一个")
        seen.add(case.id)


def _twice_asks(document: Document[Case]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for index, case in enumerate(document.entries):
        for number, practice in enumerate(case.practices):
            for place, ask in enumerate(practice.asks):
                if ask in seen:
                    what = f"问法“{ask}”在“{seen[ask]}”里已经有了，请换一种说法"
                    yield document.problem(index, ["practices", number, "asks", place], what)
                seen[ask] = f"{case.id} {practice.id}"


def _shared_aliases(document: Document[Case]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for index, case in enumerate(document.entries):
        for number, alias in enumerate((case.place.name, *case.place.aliases)):
            if seen.setdefault(alias, case.id) != case.id:
                what = f"地名“{alias}”已属于案例“{seen[alias]}”，一个地名只能指一个案例"
                yield document.problem(index, ["place", "aliases", number - 1], what)
