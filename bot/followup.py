"""Short questions about the case just shown: answered from its facts, or said not to be in the material."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot import wording
from bot.cases import Case, Fact, Practice
from bot.find import sure
from bot.message import Choice, Reply
from bot.question import Question
from bot.show import said


@dataclass(frozen=True)
class Side:
    """One side of a case that people ask for: how they ask, and how a fact about it is recognised."""

    asked: re.Pattern[str]
    told: re.Pattern[str]
    resident: str = ""
    """The part of the resident's face that answers it."""
    worker: str = ""


def _side(asked: str, told: str, resident: str = "", worker: str = "") -> Side:
    return Side(re.compile("|".join(asked.split())), re.compile("|".join(told.split())), resident, worker)


# How people ask · what stands in a fact that tells it · the part of each face that tells it.
_SIDES = (
    _side("谁出的?钱? 谁掏 自己掏 自己出 自己付 出钱 掏钱 掏腰包 钱从哪 哪来的钱 哪里来的钱 承担 分摊 摊派 补贴 报销 贴钱 谁付 谁买单 政府出 政府补", "出资 自筹 补贴 资金 众筹 承担 经费 分摊 赞助 补助 谁出"),
    _side("多少钱 几钱 几块 价钱 价格 贵[吗不伐么] 贵勿贵 收费 费用 花了? 花费 成本 预算 几万 多少铜钿 啥价 收钱 要钱 免费 便宜", r"元 免费 单价 预算"),
    _side("电话 号码 联系 怎么找 找谁 去哪 在哪 哪里 地址 什么地方 啥地方 微信 热线", r"\d{7,} 专线 热线 电话 地址 位于 二维码 扫码 微信 设在", "contact"),
    _side("几点 开门 关门 营业 开放 什么时间开", "点 开放 :"),
    _side("多久 多长 多少时间 什么时候 啥时候 啥辰光 哪年 哪一年 几年 几个?月 几天 时间 快不快 多少天", r"\d+年 \d+月 \d+天 \d+个月 [半一两三四五六七八九十]+个?[年月天]"),
    _side("有用[吗伐么] 有没有用 管用 效果 成效 成功 灵[吗伐么] 结果 后来 怎么样了 反弹 好转 现在怎么样 能行 行得通 做成", "后 下降 增加 减少 满意 整改 完成 率 不再 降 提高", "", "results"),
    _side("谁 哪些人 哪个单位 什么人 啥人 哪家 牵头 负责 带头 参与 哪个部门 哪些部门 几个人 人手", "由 小组 牵头 负责 邀请 组成 队伍 请了 书记 律师", "", "parties"),
    _side("几户 多少户 多少人 几个 多少个 多少 多大 几部 几次 比例 面积 几平 几成", r"\d"),
    _side("文件 材料 手续 表格 合同 依据 哪条法 什么法 法律 政策", "《 条例 法 协议 合同 办法", "", "documents"),
    _side("难点 难在 注意 坑 教训 问题在 麻烦在 困难 风险", "难 反对 风险 担心 问题", "", "pitfalls"),
    _side("为什么 为啥 凭什么 原因 怎么会", "因为 原因 为了 因 由于"),
    _side("我该 我能 我要做 我可以 我怎么 居民能 居民要做 要我做", "居民", "advice"),
)  # fmt: skip

_POINTING = re.compile(
    "他们那?边?|她们|它们?|那个小区|这个小区|这个案例|那个案例|人家|那边|那里|这边|这里|上面|刚才说?的?|刚刚|后来|当时|那次|这件事|那件事|这个办法|那个办法|那个|这个|那家|这家|像这样|具体是|^那么?|^那"
)
"""Words that point at what was shown."""
_EMPTY = re.compile(
    "居民|业主|老百姓|大家|社区|小区|居委会?|一共|总共|大概|大约|自己|需要|要是|如果|请问|想问|问一下|知道|晓得|能不能|可不可以|可以|有没有|没有|不用|"
    "怎么样|怎么|什么|啥|多少|几|谁|哪些|哪个|哪|那|这|都|还|也|就|又|再|会|能|要|用|做|弄|搞|办|花|收|是|不|有|没|了|的|得|过|在|去|来|吗|呢|么|伐|吧|啊|呀|嘛|呗|个|们|我|你|您|侬|给|跟|和|到|里|一|很|到底|究竟|详细|说|讲|看|钱|人|出|算|每|家|户|次|年|月|天|时候"
)
"""Words that say nothing of what is asked about."""
_LONGEST = 20
_SHOWN = 4
"""Facts in one answer."""
_NEAR = 0.5
"""What it counts that a fact belongs to the practice shown, or that the search finds it close."""


def followed_up(asked: Question) -> Reply | None:
    """The answer to a short question that leans on the case just shown; None when it is a question of its own."""
    memory, knowledge = asked.memory, asked.knowledge
    text = asked.plain.replace(" ", "")
    if memory.shown is None or not knowledge.knows(memory.shown) or len(text) > _LONGEST:
        return None
    case, practice = knowledge.find(memory.shown)
    named = knowledge.matcher.named(asked.plain)[0]
    if named and named != [case.id]:
        return None
    own = _content(text)
    if not own:
        return _of_a_side(asked, case, practice) or _missing(asked, case)
    return _of_its_own_words(asked, case, practice, own)


def is_bare(topic: str) -> bool:
    """True when a question names a side (多少钱, 谁出的) and nothing it is about."""
    text = topic.replace(" ", "")
    return not _content(text) and any(side.asked.search(text) for side in _SIDES)


def _content(text: str) -> str:
    """What is left of a question without sides, pointing and empty words."""
    for side in _SIDES:
        text = side.asked.sub("", text)
    return _EMPTY.sub("", _POINTING.sub("", text))


def _of_a_side(asked: Question, case: Case, practice: Practice) -> Reply | None:
    """多少钱, 谁出的: every fact of this practice that tells it, the closest first, else the part of the face that does."""
    sides = [side for side in _SIDES if side.asked.search(asked.plain.replace(" ", ""))]
    if not sides:
        return None
    side = sides[0]
    close = _closest(asked, asked.plain, case)
    facts = [fact for fact in practice.facts if side.told.search(_whole(fact))]
    facts.sort(key=lambda fact: (fact not in close, -_shared(asked.plain, fact)))
    parts = _part(asked, practice, side)
    if not facts and not parts:
        return None
    return _told(asked, case, practice, [*(fact.answer for fact in facts[:_SHOWN]), *parts])


def _part(asked: Question, practice: Practice, side: Side) -> list[str]:
    """What the face of this role says of a side."""
    if asked.role == "worker" and side.worker:
        return list(getattr(practice.worker, side.worker))
    if side.resident:
        return [wording.PARTS[side.resident].format(getattr(practice.resident, side.resident))]
    return []


def _of_its_own_words(asked: Question, case: Case, practice: Practice, own: str) -> Reply | None:
    """那第二辆车呢, 有人不同意呢: from this case when its facts speak of it, unless another case answers better."""
    text = asked.plain.replace(" ", "")
    leans = bool(_POINTING.search(text)) or text.endswith("呢") or is_side(text)
    known = _known(own, case)
    if not leans and not known:
        return None
    best = next(iter(asked.knowledge.matcher.find(asked.plain, limit=1, near=case.id)), None)
    fresh = best is not None and sure(best)
    if best and fresh and best.case is not case:
        return None
    facts = _facts_of(asked, case, practice, own)
    if facts:
        return _told(asked, case, facts[0][1], [fact.answer for fact, _ in facts])
    return None if fresh or not (leans and known) else _missing(asked, case)


def is_side(text: str) -> bool:
    """True when a question asks for one side of a case."""
    return any(side.asked.search(text) for side in _SIDES)


def _facts_of(asked: Question, case: Case, practice: Practice, own: str) -> list[tuple[Fact, Practice]]:
    """The one or two facts of this case that speak of these words, best first."""
    told = [(fact, holder) for holder in case.practices for fact in holder.facts]
    wholes = [_whole(fact) for fact, _ in told]
    # What few facts speak of says more.
    rare = {part: 1 / max(1, sum(part in whole for whole in wholes)) for part in _parts(own)}
    close = _closest(asked, asked.plain, case)
    scored = []
    for (fact, holder), whole in zip(told, wholes, strict=True):
        score = sum(weight for part, weight in rare.items() if part in whole)
        if score:
            scored.append((score + _NEAR * (holder is practice) + _NEAR * (fact in close), fact, holder))
    scored.sort(key=lambda entry: -entry[0])
    return [(fact, holder) for score, fact, holder in scored[:2] if score >= 0.7 * scored[0][0]]


def _closest(asked: Question, text: str, case: Case) -> list[Fact]:
    hits = asked.knowledge.matcher.find(text, limit=6, only=[case.id])
    return [hit.fact for hit in hits if hit.fact]


def _known(own: str, case: Case) -> bool:
    """True when the case speaks of these words."""
    whole = "".join(_texts(case))
    return any(part in whole for part in _parts(own))


def _texts(case: Case) -> Iterator[str]:
    for practice in case.practices:
        yield practice.title
        yield from practice.keywords
        yield from practice.gaps
        yield from practice.resident.model_dump().values()
        yield from map(_whole, practice.facts)


def _whole(fact: Fact) -> str:
    return "\n".join((*fact.asks, fact.answer))


def _shared(text: str, fact: Fact) -> int:
    """How many pairs of characters a text shares with a fact."""
    whole = _whole(fact)
    return sum(part in whole for part in _parts(text))


def _parts(text: str) -> set[str]:
    """Every two neighbouring characters; a single one stands for itself."""
    return {text[index : index + 2] for index in range(len(text) - 1)} or {text}


def _told(asked: Question, case: Case, practice: Practice, parts: list[str]) -> Reply:
    text, rest = said(asked, "\n".join(dict.fromkeys(parts)), case)
    memory = replace(asked.memory, shown=Choice(case.id, practice.id), rest=rest, said=asked.plain)
    return Reply("case", text, cases=(case.id,), memory=memory, why=("问的是刚才的案例",))


def _missing(asked: Question, case: Case) -> Reply | None:
    if not is_side(asked.plain) and not _POINTING.search(asked.plain):
        return None
    memory = replace(asked.memory, said=asked.plain)
    text = wording.not_in_material(case)
    return Reply("case", text, cases=(case.id,), memory=memory, why=("问的是刚才的案例，材料里没有",))
