"""Question files: one JSON object a line, told apart by their keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["case", "outside", "talk", "group", "followup"]

_KEYS: dict[str, Kind] = {"turns": "followup", "addressed": "group", "intent": "talk", "gold": "case"}


@dataclass(frozen=True)
class Line:
    """A message, or the turns of a conversation, with what a right answer must do."""

    kind: Kind
    id: str
    question: str
    role: str
    gold: tuple[str, ...]
    """Cases right as the first answer."""
    also: tuple[str, ...]
    """Cases acceptable among the first three."""
    facts: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    """What the line is counted under: 口吻, 类型, 身份."""
    intent: str = ""
    addressed: bool = True
    left: str | None = None
    """What is left of a group message when the mention is taken away."""
    turns: tuple[str, ...] = ()


def read_lines(file: Path) -> Iterator[Line]:
    """The lines of a question file."""
    for raw in file.read_text("utf-8").splitlines():
        if raw.strip():
            yield _line(json.loads(raw))


def _line(data: dict[str, Any]) -> Line:
    names = (("口吻", "style"), ("类型", "kind"), ("身份", "role"))
    return Line(
        kind=_kind(data),
        id=str(data.get("id", "")),
        question=data.get("text") or data.get("q") or "",
        role=data.get("role", "resident"),
        gold=tuple(data.get("gold", data.get("gold_last", ()))),
        also=tuple(data.get("also", ())),
        facts=tuple(data.get("facts", ())),
        tags=tuple((name, str(data[key])) for name, key in names if key in data),
        intent=data.get("intent", ""),
        addressed=data.get("addressed", True),
        left=data.get("q"),
        turns=tuple(data.get("turns", ())),
    )


def _kind(data: dict[str, Any]) -> Kind:
    for key, kind in _KEYS.items():
        if key in data:
            return kind
    return "outside"
