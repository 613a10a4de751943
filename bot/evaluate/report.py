"""The report in words and columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.evaluate.lines import Line
from bot.evaluate.score import Verdict
from bot.evaluate.stock import Rank

__all__ = ["Rank", "write"]

_WORST = 20
_THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)
_NAMES = {"outside": "无关问题被拒", "talk": "闲聊意图", "group": "群消息", "followup": "追问"}


def write(groups: Mapping[str, Sequence[Verdict]], engines: Mapping[str, Sequence[tuple[Line, list[str]]]]) -> str:
    """The whole report on verdicts by file."""
    verdicts = [verdict for group in groups.values() for verdict in group]
    cases = [verdict for verdict in verdicts if verdict.line.kind == "case"]
    outside = [verdict for verdict in verdicts if verdict.line.kind == "outside"]
    parts = ["== 各文件 ==", *(_file(name, group) for name, group in groups.items())]
    if cases:
        parts += ["", "== 分组（首位、前三） ==", *_tables(cases)]
        parts += ["", "== 现成的搜索引擎，同样的问题和案例 ==", *_engines(engines)]
    if cases and outside:
        parts += ["", "== 门槛：误答与漏答 ==", *_curve(cases, outside)]
    parts += ["", f"== 最差的 {_WORST} 条 ==", *_worst(verdicts)]
    return "\n".join(parts)


def _file(name: str, verdicts: Sequence[Verdict]) -> str:
    lines = [f"{name}（{len(verdicts)} 条）"]
    cases = [verdict for verdict in verdicts if verdict.line.kind == "case"]
    if cases:
        asked = [verdict for verdict in cases if verdict.facts is not None]
        lines.append(
            f"  首位 {_share(v.right for v in cases)}　前三 {_share(v.among for v in cases)}　"
            f"MRR {sum(1 / v.rank for v in cases if v.rank) / len(cases):.3f}　"
            f"事实 {_share(bool(v.facts) for v in asked)}　漏答 {_share(v.missed for v in cases)}"
        )
    for kind, words in _NAMES.items():
        if found := [verdict.right for verdict in verdicts if verdict.line.kind == kind]:
            lines.append(f"  {words} {_share(found)}（{len(found)} 条）")
    return "\n".join(lines)


def _tables(cases: Sequence[Verdict]) -> Iterable[str]:
    tags = sorted({tag for verdict in cases for tag in verdict.line.tags})
    for tag in tags:
        found = [verdict for verdict in cases if tag in verdict.line.tags]
        yield f"{tag[0]} {tag[1]:<12} {len(found):4}  {_share(v.right for v in found)} {_share(v.among for v in found)}"
    for case in sorted({case for verdict in cases for case in verdict.line.gold}):
        found = [verdict for verdict in cases if case in verdict.line.gold]
        yield f"案例 {case:<20} {len(found):4}  {_share(v.right for v in found)} {_share(v.among for v in found)}"


def _engines(engines: Mapping[str, Sequence[tuple[Line, list[str]]]]) -> Iterable[str]:
    for name, found in engines.items():
        first = _share(bool(cases) and cases[0] in line.gold for line, cases in found)
        among = _share(any(case in line.gold + line.also for case in cases[:3]) for line, cases in found)
        yield f"{name}：首位 {first}　前三 {among}"


def _curve(cases: Sequence[Verdict], outside: Sequence[Verdict]) -> Iterable[str]:
    for threshold in _THRESHOLDS:
        false = _share(verdict.score >= threshold for verdict in outside)
        missed = _share(verdict.score < threshold for verdict in cases)
        yield f"{threshold:.2f}：误答 {false}　漏答 {missed}"


def _worst(verdicts: Sequence[Verdict]) -> Iterable[str]:
    wrong = sorted((verdict for verdict in verdicts if not verdict.right), key=_badness)
    for verdict in wrong[:_WORST]:
        line = verdict.line
        wanted = "、".join(line.gold) or line.intent or ("不该出案例" if line.kind == "outside" else "")
        yield f"{line.id} {line.question or ' / '.join(line.turns)}"
        yield f"   应是 {wanted}；答了 {verdict.reply.kind} {verdict.reply.intent or ''} {'、'.join(verdict.reply.cases[:3])}"
        for hit in verdict.hits[:3]:
            yield f"   {hit}"


def _badness(verdict: Verdict) -> tuple[bool, float]:
    """A wrong case is worse than one behind another right one, and worse the surer the bot was."""
    return verdict.among, -verdict.score


def _share(values: Iterable[bool]) -> str:
    found = list(values)
    return f"{100 * sum(found) / len(found):5.1f}%" if found else "    无"
