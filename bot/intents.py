"""Intent rules: what admins write in intents/*.yaml, and which rule a message reaches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

import re2
from pydantic import Field, field_validator, model_validator

from bot import wording
from bot.fold import Synonyms, fold, sounds
from bot.message import Role
from scheduler.yamlfile import Document, Entry, Problem, Problems, read

Action = Literal[
    "emergency", "human", "complaint", "help", "schedule", "signup", "cancel_signup", "subscribe", "unsubscribe",
    "list_cases", "erase", "invite",
]  # fmt: skip

SYNONYMS = "synonyms.yaml"
EMERGENCY = "emergency"
"""The intent that is looked for before anything else."""


class Synonym(Entry):
    """One standard word and the other words people use for it; an empty word is dropped."""

    word: str
    also: tuple[str, ...] = Field(min_length=1)


class Intent(Entry):
    """A named purpose: the words that show it, sentences that prove it, and what to answer."""

    intent: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    roles: tuple[Role, ...] = Field(default=("resident", "worker"), alias="for")
    priority: int = 50
    max_length: int | None = Field(default=None, ge=1)
    keywords: tuple[str | tuple[str, ...], ...] = ()
    patterns: tuple[str, ...] = ()
    never: tuple[str, ...] = Field(default=(), alias="not")
    examples: tuple[str, ...] = Field(min_length=1)
    near_misses: tuple[str, ...] = ()
    reply: str | None = None
    cases: tuple[str, ...] | None = None
    action: Action | None = None
    basis: str = ""
    checked: date | None = None
    expires: date | None = None
    owner: str = ""

    def expired(self, today: date) -> bool:
        """True when what it answers was not checked for longer than its owner vouches for it."""
        return self.expires is not None and self.expires < today

    @field_validator("patterns")
    @classmethod
    def _readable(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if " " in pattern:
                raise ValueError(f"“{pattern}”里有空格；消息里的空格和标点匹配前都已去掉，请删去空格")
            try:
                re2.compile(pattern, _quiet())
            except re2.error as error:
                raise ValueError(f"“{pattern}”不是能用的正则（{_told(error)}）；只想匹配原词请写到 keywords") from None
        return patterns

    @field_validator("keywords", "never")
    @classmethod
    def _not_empty(cls, words: tuple[str | tuple[str, ...], ...]) -> tuple[str | tuple[str, ...], ...]:
        each = [part for word in words for part in ([word] if isinstance(word, str) else word or [""])]
        if any(not _squeezed(fold(word)) for word in each):
            raise ValueError("里面有空的词（或只有标点），它会匹配所有消息，请删掉")
        return words

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        # What is said when somebody is handed over (hours, where) is the admin's to write.
        says = self.reply is not None and self.action not in ("human", "complaint")
        if says + (self.cases is not None) + (self.action is not None) != 1:
            raise ValueError("reply、cases、action 三个里要写一个，而且只写一个（human 和 complaint 可以再带 reply）")
        if not self.keywords and not self.patterns:
            raise ValueError("keywords 和 patterns 至少写一个，否则永远不会命中")
        return self


def _squeezed(folded: str) -> str:
    """Without spaces: where a person puts a space or a comma says nothing in Chinese (转 人工)."""
    return folded.replace(" ", "")


def _quiet() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    # Room for the states of a long rule; with the default of 8 MB re2 forgets and rebuilds them all the time.
    options.max_mem = 32 << 20
    return options


def _told(error: Exception) -> str:
    told = error.args[0] if error.args else error
    return told.decode() if isinstance(told, bytes) else str(told)


@dataclass(frozen=True)
class _Said:
    """A message as rules see it: as typed, with synonyms rewritten, without courtesies; a rule may fit any of them."""

    texts: tuple[str, ...]
    heard: str


_COURTESY = re.compile(
    "^(?:你好|您好|侬好|喂|哎|诶|嗨|那个|就是|请问|麻烦|打扰一下|不好意思|帮帮忙|小助手|老师|师傅|阿姨|同志)+"
    "|(?:谢谢|多谢|辛苦|麻烦|不好意思|[你您侬]|[好行]不[好行]|可以|[好行][吗伐]|[吗伐了啊呀啦哦噢吧呢哈嘛])+$"
)


@lru_cache(maxsize=64)
def _said(plain: str, rewritten: str) -> _Said:
    """What is asked for is also looked at without the polite words around it."""
    squeezed = _squeezed(plain)
    texts = (squeezed, _squeezed(rewritten), _COURTESY.sub("", squeezed))
    return _Said(tuple(dict.fromkeys(filter(None, texts))), sounds(plain))


@dataclass(frozen=True)
class _Rule:
    """An intent made ready for matching: words folded as messages are, patterns joined into one."""

    intent: Intent
    words: tuple[tuple[str, ...], ...]
    sounds: tuple[str, ...]
    pattern: Any
    never: tuple[str, ...]

    def reason(self, said: _Said) -> str | None:
        """Why this rule fits what was said; None when it does not."""
        why = next(filter(None, map(self._written, said.texts)), None) or self._heard(said)
        # Last, because few rules come so far.
        if why is None or any(word in text for text in said.texts for word in self.never):
            return None
        return why

    def marks(self) -> list[str]:
        """Patterns of which at least one is in every text that this rule fits as it is written."""
        return [*self.intent.patterns, *(re2.escape(words[0]) for words in self.words)]

    def _written(self, text: str) -> str | None:
        if self.pattern is not None and (match := self.pattern.search(text)):
            return f"“{match.group()}”"
        if self._too_long(len(text)):
            return None
        return next(("、".join(words) for words in self.words if all(word in text for word in words)), None)

    def _heard(self, said: _Said) -> str | None:
        length = len(said.heard.split())
        if self._too_long(length):
            return None
        for word in self.sounds:
            # A sound-alike is a slip in a short command, not evidence in a long sentence.
            if word in said.heard and length <= len(word.split()) + 4:
                return f"音近“{word.strip()}”"
        return None

    def _too_long(self, length: int) -> bool:
        return self.intent.max_length is not None and length > self.intent.max_length


class _Sieve:
    """Rules in order of priority behind one search for the words of all of them.

    Few messages hold a word of any rule: asking the rules one by one cost 800 us a message, the filter 15.
    """

    def __init__(self, rules: Sequence[_Rule]) -> None:
        self._rules = tuple(rules)
        self._written = _Filter([rule.marks() for rule in rules])
        self._heard = _Filter([[re2.escape(word) for word in rule.sounds] for rule in rules])

    def first(self, said: _Said, role: Role) -> tuple[Intent, str] | None:
        """The first rule for this role that fits, with the reason."""
        fitting = self._heard.fit(said.heard).union(*map(self._written.fit, said.texts))
        for number in sorted(fitting):
            rule = self._rules[number]
            if role in rule.intent.roles and (why := rule.reason(said)):
                return rule.intent, why
        return None


class _Filter:
    """Tells in one search which groups of patterns a text fits."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self._filter = re2.Filter()
        self._group: list[int] = []
        for number, patterns in enumerate(groups):
            for pattern in patterns:
                self._filter.Add(pattern, _quiet())
                self._group.append(number)
        if self._group:
            self._filter.Compile()

    def fit(self, text: str) -> set[int]:
        """The numbers of the groups of which a pattern fits."""
        found = self._filter.Match(text) if self._group else None
        return {self._group[index] for index in found or ()}


class Rules:
    """All intents in order of priority."""

    def __init__(self, intents: Iterable[Intent], synonyms: Synonyms) -> None:
        self.intents = tuple(sorted(intents, key=lambda intent: -intent.priority))
        self._synonyms = synonyms
        rules = tuple(map(_prepared, self.intents))
        self._emergencies = _Sieve([rule for rule in rules if rule.intent.intent == EMERGENCY])
        self._others = _Sieve([rule for rule in rules if rule.intent.intent != EMERGENCY])

    def emergency(self, plain: str, rewritten: str, role: Role) -> tuple[Intent, str] | None:
        """The emergency that fits the folded text or its rewritten form, with the reason; None when none does.

        Looked for apart, because it comes before a running conversation.
        """
        return self._emergencies.first(_said(plain, rewritten), role)

    def recognise(self, plain: str, rewritten: str, role: Role) -> tuple[Intent, str] | None:
        """As `emergency`, among all other intents, those of higher priority first."""
        return self._others.first(_said(plain, rewritten), role)

    def reached(self, text: str, role: Role) -> str | None:
        """The name of the intent a raw text reaches."""
        plain = fold(text)
        rewritten = self._synonyms.rewrite(plain)
        found = self.emergency(plain, rewritten, role) or self.recognise(plain, rewritten, role)
        return found[0].intent if found else None


def _prepared(intent: Intent) -> _Rule:
    def ready(word: str) -> str:
        return _squeezed(fold(word))

    words = tuple(tuple(map(ready, [word] if isinstance(word, str) else word)) for word in intent.keywords)
    # One character sounds like too many others to be trusted.
    alike = tuple(sounds(group[0]) for group in words if len(group) == 1 and len(group[0]) >= 2)
    # One search in all patterns together; one after another they cost ten times as much.
    pattern = re2.compile("|".join(f"(?:{one})" for one in intent.patterns), _quiet()) if intent.patterns else None
    return _Rule(intent, words, alike, pattern, tuple(map(ready, intent.never)))


def read_synonyms(folder: Path) -> Synonyms:
    """The words of intents/synonyms.yaml; none when the file is absent."""
    path = folder / SYNONYMS
    if not path.exists():
        return Synonyms()
    document = read(path, "synonyms", Synonym, name=f"{folder.name}/{SYNONYMS}")
    return Synonyms((entry.word, entry.also) for entry in document.entries)


def read_expired(folder: Path, today: date) -> list[Problem]:
    """The answers in this folder that are past their date, for their owners; raises Problems."""
    documents = [read(path, "intents", Intent, name=f"{folder.name}/{path.name}") for path in _files(folder)]
    return [
        document.problem(index, ["expires"], wording.overdue(intent.intent, intent.expires, intent.owner))
        for document in documents
        for index, intent in enumerate(document.entries)
        if intent.expires and intent.expired(today)
    ]


def read_rules(folder: Path, synonyms: Synonyms, case_ids: Sequence[str]) -> Rules:
    """All rules of the folder, proven by their own examples and near misses; raises Problems."""
    documents: list[Document[Intent]] = []
    problems: list[Problem] = []
    for path in _files(folder):
        try:
            documents.append(read(path, "intents", Intent, name=f"{folder.name}/{path.name}"))
        except Problems as error:
            problems += error.problems
    if not documents and not problems:
        problems.append(Problem(f"{folder.name}/", 1, "一个意图文件也没有，请放回 *.yaml"))
    problems += _cross_references(documents, case_ids)
    if problems:
        raise Problems(problems)
    rules = Rules((intent for document in documents for intent in document.entries), synonyms)
    if unproven := list(_unproven(documents, rules)):
        raise Problems(unproven)
    return rules


def _files(folder: Path) -> list[Path]:
    """The files of rules."""
    return [path for path in sorted(folder.glob("*.yaml")) if path.name != SYNONYMS]


def _cross_references(documents: Iterable[Document[Intent]], case_ids: Sequence[str]) -> Iterator[Problem]:
    # One intent may have several entries, each with its own words and reply, but all of them in one file.
    seen: dict[str, str] = {}
    for document in documents:
        for index, intent in enumerate(document.entries):
            if seen.setdefault(intent.intent, document.file) != document.file:
                what = f"意图“{intent.intent}”在 {seen[intent.intent]} 里已经有了，请写到那里去，或改名"
                yield document.problem(index, ["intent"], what)
            for number, case in enumerate(intent.cases or ()):
                if case not in case_ids:
                    yield document.problem(index, ["cases", number], f"cases.yaml 里没有案例“{case}”")


def _unproven(documents: Iterable[Document[Intent]], rules: Rules) -> Iterator[Problem]:
    """Examples that do not reach their intent, near misses that do."""
    # Where no intent is kept for one role, what holds for one role holds for the other.
    differ = any(len(intent.roles) == 1 for intent in rules.intents)
    for document in documents:
        for index, intent in enumerate(document.entries):
            roles = intent.roles if differ else intent.roles[:1]
            for number, example in enumerate(intent.examples):
                strays = [got for role in roles if (got := rules.reached(example, role)) != intent.intent]
                if strays:
                    what = f"例句“{example}”应到“{intent.intent}”，实际到“{strays[0] or '无'}”；请补关键词或调优先级"
                    yield document.problem(index, ["examples", number], what)
            for number, miss in enumerate(intent.near_misses):
                if intent.intent in (rules.reached(miss, role) for role in roles):
                    what = f"反例“{miss}”不该到“{intent.intent}”，却到了；请收窄关键词或写进 not"
                    yield document.problem(index, ["near_misses", number], what)
