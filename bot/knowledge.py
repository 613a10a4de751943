"""What the bot knows: cases and intent rules, reloaded when an admin saves them, all or nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from bot.cases import Case, Practice, read_cases
from bot.fold import Synonyms
from bot.intents import SYNONYMS, Rules, read_rules, read_synonyms
from bot.message import Choice
from bot.search.rank import CaseSearch
from scheduler.yamlfile import Problem, Problems

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
"""How often the files are looked at; a saved change must be in force within two seconds."""


@dataclass(frozen=True)
class Knowledge:
    """Everything read from the admin's files at one moment."""

    cases: dict[str, Case]
    rules: Rules
    synonyms: Synonyms
    matcher: CaseSearch

    def knows(self, choice: Choice) -> bool:
        """True while the case and practice of a remembered choice still exist."""
        return choice in self._chosen

    def find(self, choice: Choice) -> tuple[Case, Practice]:
        """The case and practice of a choice that `knows` confirmed."""
        return self._chosen[choice]

    @cached_property
    def areas(self) -> dict[str, list[str]]:
        """The ids of the cases in every part of the city, by all the names that people call it."""
        found: dict[str, list[str]] = {}
        for case in self.cases.values():
            for name in case.place.area_names():
                found.setdefault(name, []).append(case.id)
        return found

    @cached_property
    def _chosen(self) -> dict[Choice, tuple[Case, Practice]]:
        return {
            Choice(case.id, practice.id): (case, practice)
            for case in self.cases.values()
            for practice in case.practices
        }


def read_knowledge(home: Path, before: Knowledge | None = None) -> Knowledge:
    """The knowledge in this folder, built on an earlier version; raises Problems naming every mistake in every file."""
    cases, synonyms, rules = read_files(home)
    search = CaseSearch(cases, synonyms, before.matcher if before else None)
    return Knowledge({case.id: case for case in cases}, rules, synonyms, search)


def read_files(home: Path) -> tuple[tuple[Case, ...], Synonyms, Rules]:
    """What the admin's files say, without the search that takes seconds to build; raises Problems like `read_knowledge`."""
    problems: list[Problem] = []
    cases: tuple[Case, ...] = ()
    synonyms = Synonyms()
    try:
        cases = read_cases(home / "cases.yaml")
    except Problems as error:
        problems += error.problems
    try:
        synonyms = read_synonyms(home / "intents")
        ids = [case.id for case in cases]
        rules = read_rules(home / "intents", synonyms, ids)
    except Problems as error:
        problems += error.problems
    if problems:
        raise Problems(problems)
    return cases, synonyms, rules


def _with_rules(knowledge: Knowledge, home: Path) -> Knowledge:
    """The same cases and search, which take seconds to build, under the rules as they are now."""
    return replace(knowledge, rules=read_rules(home / "intents", knowledge.synonyms, list(knowledge.cases)))


class Library:
    """Holds the knowledge in force, and keeps the last good one when a file is broken."""

    def __init__(self, home: Path) -> None:
        """Read the files; raises Problems, because a process must not start without knowledge."""
        self._home = home
        self._seen = self._state()
        self.current = read_knowledge(home)
        self.problems: tuple[Problem, ...] = ()
        # True while a change of cases or synonyms waits: it was refused together with whatever was broken.
        self._behind = False
        self._stop = threading.Event()

    def watch(self) -> None:
        """Follow the files in a thread that ends with the process."""
        threading.Thread(target=self._follow, name="library", daemon=True).start()

    def close(self) -> None:
        """Stop following the files."""
        self._stop.set()

    def refresh(self) -> bool:
        """Read the files again if one was saved; True when a new version is in force."""
        state = self._state()
        if state == self._seen:
            return False
        saved = {name for name, *_ in set(state) ^ set(self._seen)}
        rules_only = saved.isdisjoint(("cases.yaml", SYNONYMS)) and not self._behind
        self._seen = state
        began = time.perf_counter()
        try:
            knowledge = (
                _with_rules(self.current, self._home) if rules_only else read_knowledge(self._home, self.current)
            )
        except Problems as error:
            self.problems, self._behind = error.problems, not rules_only
            for problem in error.problems:
                log.error("没有采用改动，仍用上一版：%s", problem)
            return False
        self.current, self.problems, self._behind = knowledge, (), False
        log.info("改动已生效，用时 %.1f 秒", time.perf_counter() - began)
        return True

    def _follow(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                self.refresh()
            except Exception:
                # Whatever a half-saved file provokes, the bot keeps answering from the last good version.
                log.exception("读取改动时出错，仍用上一版")

    def _state(self) -> tuple[tuple[str, int, int], ...]:
        files = [self._home / "cases.yaml", *sorted((self._home / "intents").glob("*.yaml"))]
        found = []
        for file in files:
            try:
                stat = file.stat()
            except OSError:
                continue
            found.append((file.name, stat.st_mtime_ns, stat.st_size))
        return tuple(found)


Clock = Callable[[], float]
"""Seconds since the epoch; passed in, so that tests decide what time it is."""
