"""Read YAML that people edit by hand; every mistake is told with file, line and what to write instead.

It lives in `scheduler` because `bot` may import from here and not the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from rapidfuzz import process

# Every scalar arrives as text: `9:05`, `on` and `110` mean what the admin typed, and the model turns text into numbers.
Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Entry(BaseModel):
    """An entry of an admin's YAML file: immutable, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


EntryT = TypeVar("EntryT", bound=BaseModel)


@dataclass(frozen=True)
class Problem:
    """One mistake in a file, with the line it is on."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


class Problems(ValueError):
    """What is wrong in the admin's files, all of it at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True)
class Document(Generic[EntryT]):
    """The entries of one file, and where each of them stands."""

    file: str
    entries: tuple[EntryT, ...]
    node: yaml.Node
    key: str

    def problem(self, index: int, path: Sequence[str | int], what: str) -> Problem:
        """A problem at `path` inside the entry number `index`."""
        return Problem(self.file, _line(self.node, [self.key, index, *path]), what)


def read(path: Path, key: str, model: type[EntryT], name: str | None = None) -> Document[EntryT]:
    """The list under `key` of the YAML file at `path` as models; raises Problems."""
    file = name or str(path)
    node = _compose(path, file)
    duplicates = list(_duplicate_keys(file, node))
    if duplicates:
        raise Problems(duplicates)
    data = _construct(node)
    if not isinstance(data, dict) or not isinstance(data.get(key), list) or len(data) > 1:
        raise Problems([Problem(file, 1, f"文件最上面应当只有“{key}:”，下面是一个列表（每项以“- ”开头）")])
    entries: list[EntryT] = []
    problems: list[Problem] = []
    for index, item in enumerate(data[key]):
        try:
            entries.append(model.model_validate(item))
        except ValidationError as error:
            problems += [_explain(file, node, model, [key, index], detail) for detail in error.errors()]
    if problems:
        raise Problems(problems)
    return Document(file, tuple(entries), node, key)


def _compose(path: Path, file: str) -> yaml.Node:
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=Loader)
    except FileNotFoundError:
        raise Problems([Problem(file, 1, "找不到这个文件")]) from None
    except UnicodeDecodeError:
        raise Problems([Problem(file, 1, "文件不是 UTF-8 编码，请另存为 UTF-8")]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = "请检查冒号后有没有空格、缩进是否对齐（不能用 Tab）、引号和括号是否成对"
        raise Problems(
            [Problem(file, mark.line + 1 if mark else 1, f"YAML 写法有误（{error.problem}）；{hint}")]
        ) from None
    except yaml.YAMLError as error:
        raise Problems([Problem(file, 1, f"文件里有不能识别的字符（{error}）；请删掉后重新输入")]) from None
    if node is None:
        raise Problems([Problem(file, 1, "文件是空的")])
    return node


def _construct(node: yaml.Node) -> Any:
    """Plain data from nodes: dicts, lists and texts."""
    if isinstance(node, yaml.MappingNode):
        return {str(_construct(key)): _construct(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item) for item in node.value]
    return node.value


def _duplicate_keys(file: str, node: yaml.Node) -> Iterator[Problem]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield Problem(file, key.start_mark.line + 1, f"“{key.value}”写了两遍，请只留一个")
            seen.add(str(key.value))
            yield from _duplicate_keys(file, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicate_keys(file, item)


def _line(node: yaml.Node, path: Sequence[str | int]) -> int:
    """The line of the deepest part of `path` that exists, counted from 1."""
    line = node.start_mark.line + 1
    for step in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
            continue
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = next(((key, value) for key, value in pairs if key.value == step), None)
        if found is None:
            return int(line)
        line, node = found[0].start_mark.line + 1, found[1]
    return int(line)


def _explain(file: str, node: yaml.Node, model: type[BaseModel], root: list[str | int], detail: Any) -> Problem:
    path = [*root, *(step for step in detail["loc"])]
    where = " > ".join(str(step) if isinstance(step, str) else f"第{step + 1}项" for step in detail["loc"]) or "这一项"
    kind, given = detail["type"], detail["input"]
    if kind == "missing":
        what = f"缺少“{where}”，请补上"
    elif kind == "extra_forbidden":
        what = f"不认识“{where}”{_nearest(model, detail['loc'])}"
    elif kind in ("string_type", "list_type", "tuple_type", "dict_type", "model_type", "model_attributes_type"):
        wanted = {"string_type": "一段文字", "list_type": "一个列表", "tuple_type": "一个列表"}.get(
            kind, "几个“键: 值”"
        )
        what = f"“{where}”应是{wanted}，现在写的是{_describe(given)}"
    elif kind == "literal_error":
        what = f"“{where}”只能是 {detail['ctx']['expected'].replace(' or ', '、').replace(', ', '、')}，现在写的是“{given}”"
    elif kind in ("int_parsing", "int_type"):
        what = f"“{where}”应是一个整数，现在写的是“{given}”"
    elif kind.startswith("date"):
        what = f"“{where}”应是日期，例如 2026-12-24，现在写的是“{given}”"
    elif kind == "too_short":
        what = f"“{where}”是空的，至少写一项"
    elif kind == "greater_than_equal":
        what = f"“{where}”至少是 {detail['ctx']['ge']}，现在写的是“{given}”"
    elif kind == "string_pattern_mismatch":
        what = f"“{where}”要合乎 {detail['ctx']['pattern']}，现在写的是“{given}”"
    elif kind == "value_error":
        what = f"“{where}”：{detail['ctx']['error']}"
    else:
        what = f"“{where}”写得不对（{detail['msg']}），现在写的是{_describe(given)}"
    return Problem(file, _line(node, path), what)


def _nearest(model: type[BaseModel], loc: Sequence[str | int]) -> str:
    known = [field.alias or name for name, field in _model_at(model, loc[:-1]).model_fields.items()]
    best = process.extractOne(str(loc[-1]), known, score_cutoff=60)
    return (f"，是不是想写“{best[0]}”？" if best else "，") + f"可用的有：{'、'.join(known)}"


def _model_at(model: type[BaseModel], loc: Sequence[str | int]) -> type[BaseModel]:
    for step in loc:
        if isinstance(step, str) and step in model.model_fields:
            inner = _inner_model(model.model_fields[step].annotation)
            model = inner or model
    return model


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner_model(argument)
        if found:
            return found
    return None


def _describe(given: Any) -> str:
    if isinstance(given, list):
        return "一个列表"
    if isinstance(given, dict):
        return "几个“键: 值”"
    return f"“{given}”" if given else "空的"
