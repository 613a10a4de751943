"""Short questions about the case just shown: answered from its facts, or said not to be in the material."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import rjieba

from bot import wording
from bot.cases import Case, Fact, Practice, ResidentFace
from bot.conversation import remember
from bot.find import sure
from bot.message import Choice, Reply, Role
from bot.question import Question
from bot.show import pairs, said, shown


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
    _side("哪个区 哪个街道 哪个镇 哪个小区 哪个社区 哪个村 什么街道 什么小区 啥小区 哪里的小区 哪里的事 哪儿的 是哪里的?$", "(?!)", "place", "place"),
    _side("谁出的?钱? 谁掏 自己掏 自己出 自己付 出钱 掏钱 掏腰包 钱从哪 哪来的钱 哪里来的钱 承担 分摊 摊派 补贴 报销 贴钱 谁付 谁买单 资金 经费 政府出 政府补", "出资 自筹 补贴 资金 众筹 承担 经费 分摊 赞助 补助 谁出"),
    _side("多少钱 几钱 几块 价钱 价格 贵不贵 贵勿贵 贵[吗伐么] 收费 费用 花了?多少 花了?几 花费 成本 预算 几万 多少铜钿 啥价 收钱 要钱 免费 便宜", r"元 免费 单价 预算"),
    _side("电话 号码 联系 怎么找 找谁 去哪 在哪 哪里 地址 什么地方 啥地方 微信 热线", r"\d{7,} 专线 热线 电话 地址 位于 二维码 扫码 微信 设在", "contact"),
    _side("几点 开门 关门 营业 开放 什么时间开", "点 开放 :"),
    _side("每周 每月 每年 每天 多久.{0,2}一?次 几天.{0,2}一?次 隔多久 多长时间一次", "每周 每月 每年 每季 每天 每两 一周 定期"),
    _side("有多长 多宽 多高 多重 多远 几米 几公里", r"\d米 \d+公里 \d斤 \d吨 米长"),
    _side("多久 多长 多少时间 几天 几个?月 多少天 几年 快不快 时间", r"历时 用了 花了 \d+天 \d+年.*\d+年 [\d半一两三四五六七八九十]+个?多?[年月天](?:时间|内|多)? 启动 完成"),
    _side("什么时候 啥时候 啥辰光 哪年 哪一年 几月 几号", r"\d+年 \d+月"),
    _side("有用[吗伐么] 有没有用 管用 效果 成效 成功 灵[吗伐么] 结果 后来 怎么样了 反弹 好转 现在怎么样 能行 行得通 做成", r"^[^\n]*(?:下降|增加|减少|满意|整改完|完成|率|不再|降了?|提高|成功|顺利|%|转为|变成|零)", "results", "results"),
    _side("谁 哪些人 哪个单位 什么人 啥人 哪家 牵头 负责 带头 参与 参加 哪个部门 哪些部门", "由 小组 牵头 负责 邀请 组成 队伍 请了 书记 律师", "", "parties"),
    _side("几户 多少户 多少人 几个 多少个 多少 多大 几部 几次 几只 比例 面积 几平 几成", r"[\d近两一二三四五六七八九十百千万]+[户人个只部次幢栋名位家万处张条平%] \d"),
    _side("文件 材料 手续 表格 合同 依据 哪条法 什么法 法律 政策", "《 条例 法 协议 合同 办法", "", "documents"),
    _side("难点 难在 注意 坑 教训 问题在 麻烦在 困难 风险", "难 反对 风险 担心 问题", "", "pitfalls"),
    _side("为什么 为啥 凭什么 原因 怎么会", "因为 原因 为了 因 由于"),
    _side("我该 我能 我要做 我可以 我怎么 居民能 居民要做 要我做", "居民", "advice"),
)  # fmt: skip

_POINTING = re.compile(
    "前面那个|前面的?|上一个|你说的|他们那?边?|她们|它们?|那个小区|这个小区|这个案例|那个案例|人家|那边|那里|这边|这里|上面|刚才说?的?|刚刚|后来|当时|那次|这件事|那件事|这个办法|那个办法|那个|这个|那家|这家|像这样|具体是|^那么?|^那"
)
"""Words that point at what was shown."""
_EMPTY = (
    "我家 家里 咱们 请 事 事情 的话 那时 一共有 愿意 肯 阿拉 居民 业主 老百姓 大家 社区 小区 居委 居委会 一共 总共 大概 大约 自己 需要 要是 如果 请问 想问 问一下 问 知道 晓得 能不能 可不可以 可以 有没有 没有 不用 怎么样 怎么 什么 啥 怎么办 解决 处理 "
    "多少 几 谁 哪些 哪个 哪 那 这 都 还 也 就 又 再 会 能 要 用 做 弄 搞 办 花 收 是 不是 有 没 了 的 得 过 在 去 来 吗 呢 么 伐 吧 啊 呀 嘛 呗 个 们 我 我们 你 你们 您 侬 给 "
    "跟 和 到 里 很 到底 究竟 详细 说 讲 看 钱 人 出 算 每 时候 一下 最后 最终 还要 还有 后 前 当初 开始 一般 具体 大 小 多 少 下 上 不 别 让 被 把 对 从 应该 必须 一次 次 只"
)
"""Words that say nothing of what is asked about."""
_NOTHING = frozenset(_EMPTY.split())
_LEANING = re.compile(r"呢$|^(?:有|要|能|会|可以|还要|还有).{1,5}[吗伐么]$")
"""A question without a subject: 租户呢, 有奖励吗."""
_STRONG = re.compile("他们|她们|人家|上面|刚才|刚刚|后来|当时|那次|这件事|那件事|这个|那个|具体是")
"""Words that can point at nothing else."""
_THERE = re.compile("他们|她们|那里|那边|那家|那个小区|它")
"""Words for the place that was shown."""
_LONGEST = 20
_PROBLEM = re.compile("怎么办|怎么弄|怎么解决|怎么处理|哪能办|咋办|如何|怎么管|怎么治")
"""Who asks so tells of a trouble: that is a question of its own."""
_SHORT = 10
"""A question of no more characters is rarely complete."""
_MARGIN = 0.2
"""How much better another case may fit a question that leans on the one shown."""
_SHOWN = 4
"""Facts in one answer."""
_NEAR = 0.5
"""What it counts that a fact belongs to the practice shown, or that the search finds it close."""


def followed_up(asked: Question) -> Reply | None:
    """The answer to a short question that leans on the case just shown; None when it is a question of its own."""
    text = asked.plain.replace(" ", "")
    if len(text) > _LONGEST:
        return None
    own, memory = _content(asked, text), asked.memory
    if memory.shown is None or not asked.knowledge.knows(memory.shown):
        return _of_what(asked) if not own else None
    case, practice = asked.knowledge.find(memory.shown)
    named = asked.knowledge.matcher.named(asked.plain)[0]
    if named and named != [case.id]:
        return None
    if not own:
        return _of_a_side(asked, case, practice) or _missing(asked, case)
    return _of_its_own_words(asked, case, practice, own)


def _of_what(asked: Question) -> Reply | None:
    """多少钱, when nothing was shown that it could be about: ask."""
    if side_of(asked.plain) is None and not _STRONG.search(asked.plain):
        return None
    options = pairs(asked, asked.memory.choices)
    if options:
        cases = tuple(case.id for case, _ in options)
        return Reply("choice", wording.unsure(options), cases=cases, memory=asked.memory, why=("还没选是哪一件",))
    return Reply("unknown", wording.OF_WHAT, memory=asked.memory, why=("没说是哪件事",))


def is_bare(asked: Question, topic: str) -> bool:
    """True when a question names a side (多少钱, 谁出的) and nothing it is about."""
    return side_of(topic) is not None and not _content(asked, topic)


def side_of(text: str) -> Side | None:
    """The side of a case that a question asks for."""
    said = text.replace(" ", "")
    return next((side for side in _SIDES if side.asked.search(said)), None)


def _content(asked: Question, text: str) -> tuple[str, ...]:
    """The words of a question that say what it is about: without sides, pointing and empty words."""
    text = _POINTING.sub(" ", text.replace(" ", ""))
    for side in _SIDES:
        text = side.asked.sub(" ", text)
    words = (word.strip() for word in rjieba.cut(asked.knowledge.synonyms.rewrite(text)))
    return tuple(dict.fromkeys(word for word in words if word and word not in _NOTHING))


def _of_a_side(asked: Question, case: Case, practice: Practice) -> Reply | None:
    """多少钱, 谁出的: what this practice tells of it, the closest fact first, then the part of the face that does."""
    side = side_of(asked.plain)
    if side is None:
        return None
    close = [fact.answer for fact in _closest(asked, case)]
    told = [text for text in _answers(practice) if side.told.search(text)] or [
        text for text in _sentences(practice, asked.role) if side.told.search(text)
    ]
    told.sort(key=lambda text: (_first_line(text) not in close, -len(side.told.findall(text))))
    parts = [*map(_first_line, told[:_SHOWN])]
    if not parts or asked.role == "worker":
        parts += _part(asked, case, practice, side)
    return _told(asked, case, practice, parts) if parts else None


def _answers(practice: Practice) -> list[str]:
    """The facts, each with its answer in the first line and its asks after it."""
    return ["\n".join((fact.answer, *fact.asks)) for fact in practice.facts]


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]


def _sentences(practice: Practice, role: Role) -> list[str]:
    """The sentences of the face of this role."""
    face = practice.face(role)
    texts = [face.answer, face.done] if isinstance(face, ResidentFace) else [face.answer, *face.steps, *face.results]
    return [sentence for text in texts for sentence in re.findall(r"[^。；]+[。；]?", text)]


def _part(asked: Question, case: Case, practice: Practice, side: Side) -> list[str]:
    """What the face of this role, or the head of the case, says of a side."""
    part = side.worker if asked.role == "worker" else side.resident
    if part == "place":
        return [wording.whose(case)]
    if part == "results":
        # A resident is told the story to its end.
        results = list(practice.worker.results) if asked.role == "worker" else []
        return results or [practice.resident.done]
    if part and asked.role == "worker":
        return list(getattr(practice.worker, part))
    return [wording.PARTS[part].format(getattr(practice.resident, part))] if part else []


def _of_its_own_words(asked: Question, case: Case, practice: Practice, own: tuple[str, ...]) -> Reply | None:
    """那第二辆车呢, 租客去哪了: from this case when it speaks of that, unless another case answers better."""
    side, rewrite = side_of(asked.plain), asked.knowledge.synonyms.rewrite
    if len("".join(own)) > 1 and any(all(word in rewrite(gap) for word in own) for gap in practice.gaps):
        return _missing(asked, case)
    if not _belongs(asked, case, practice, own):
        return None
    if facts := _facts_of(asked, case, practice, own):
        fact, holder = facts[0]
        if side is None and holder is not practice:
            return _another_practice(asked, case, holder, fact)
        return _told(asked, case, holder, [fact.answer for fact, _ in facts])
    if side and _speaks_of(asked, practice, own):
        return _in_the_face(asked, case, practice, own)
    return _missing(asked, case) if _THERE.search(asked.plain) else None


def _in_the_face(asked: Question, case: Case, practice: Practice, own: tuple[str, ...]) -> Reply | None:
    """The sentence of the face that speaks of these words and tells the side, else what is known of the side."""
    side, rewrite = side_of(asked.plain), asked.knowledge.synonyms.rewrite
    told = [
        sentence
        for sentence in _sentences(practice, asked.role)
        if side and side.told.search(sentence) and _most(own, rewrite(sentence))
    ]
    if told:
        return _told(asked, case, practice, told[:2])
    return _of_a_side(asked, case, practice) or _missing(asked, case)


def _most(words: tuple[str, ...], text: str) -> bool:
    """True when at least half of the words stand in the text."""
    return 2 * sum(word in text for word in words) >= len(words)


def _another_practice(asked: Question, case: Case, practice: Practice, fact: Fact) -> Reply:
    """那停车呢: the same place, another matter."""
    text, rest = shown(asked, case, practice, fact)
    choice = Choice(case.id, practice.id)
    memory = replace(asked.memory, shown=choice, rest=rest, said=asked.plain, seen=remember(choice, asked.memory))
    return Reply("case", text, cases=(case.id,), memory=memory, why=("刚才那个小区的另一件事",))


def _speaks_of(asked: Question, practice: Practice, own: tuple[str, ...]) -> bool:
    """True when the words of a question stand in the practice."""
    return _most(own, asked.knowledge.synonyms.rewrite("\n".join(_texts(practice))))


def _belongs(asked: Question, case: Case, practice: Practice, own: tuple[str, ...]) -> bool:
    """True when a question is about the case shown rather than a new one."""
    text = asked.plain.replace(" ", "")
    leans = bool(_POINTING.search(text) or _LEANING.search(text)) or side_of(text) is not None
    hits = asked.knowledge.matcher.find(asked.plain, limit=12, near=case.id)
    if not hits or not sure(hits[0]):
        return leans or _speaks_of(asked, practice, own)
    mine = max((hit.score for hit in hits if hit.case is case), default=0.0)
    if mine == hits[0].score:
        return leans
    if _PROBLEM.search(text) and not _STRONG.search(text):
        return False
    near = hits[0].score - mine < _MARGIN
    meant = _STRONG.search(text) or (near and (leans or len(text) <= _SHORT))
    return bool(meant) and _speaks_of(asked, practice, own)


def _facts_of(asked: Question, case: Case, practice: Practice, own: tuple[str, ...]) -> list[tuple[Fact, Practice]]:
    """The one or two facts of this case that speak of these words, best first; of the side that was asked for, if any."""
    side, rewrite = side_of(asked.plain), asked.knowledge.synonyms.rewrite
    told = [(fact, holder, rewrite(_whole(fact))) for holder in case.practices for fact in holder.facts]
    # What few facts speak of says more.
    rare = {word: 1 / max(1, sum(word in whole for _, _, whole in told)) for word in own}
    close = _closest(asked, case)
    scored = []
    for fact, holder, whole in told:
        score = sum(weight for word, weight in rare.items() if word in whole)
        fits = _most(own, whole) and (side is None or side.told.search(whole))
        # One character is no sign that another matter is meant.
        if fits and (holder is practice or any(len(word) > 1 and word in whole for word in own)):
            scored.append((score + _NEAR * (holder is practice) + _NEAR * (fact in close), fact, holder))
    scored.sort(key=lambda entry: -entry[0])
    return [(fact, holder) for score, fact, holder in scored[:2] if score >= 0.7 * scored[0][0]]


def _closest(asked: Question, case: Case) -> list[Fact]:
    hits = asked.knowledge.matcher.find(asked.plain, limit=6, only=[case.id])
    return [hit.fact for hit in hits if hit.fact]


def _texts(practice: Practice) -> Iterator[str]:
    """What a practice says to everybody."""
    yield practice.title
    yield from practice.keywords
    yield from practice.asks
    yield from practice.resident.model_dump().values()
    yield from map(_whole, practice.facts)


def _whole(fact: Fact) -> str:
    return "\n".join((*fact.asks, fact.answer))


def _told(asked: Question, case: Case, practice: Practice, parts: list[str]) -> Reply:
    before = asked.memory.shown
    # From another practice of the case: say so, or it would be taken for the one just shown.
    head = [] if before and before.practice == practice.id else [wording.elsewhere_in_case(case, practice)]
    text, rest = said(asked, "\n".join(dict.fromkeys([*head, *parts])), case)
    memory = replace(asked.memory, shown=Choice(case.id, practice.id), rest=rest, said=asked.plain)
    return Reply("case", text, cases=(case.id,), memory=memory, why=("问的是刚才的案例",))


def _missing(asked: Question, case: Case) -> Reply | None:
    if side_of(asked.plain) is None and not _POINTING.search(asked.plain) and not asked.plain.endswith("呢"):
        return None
    memory = replace(asked.memory, said=asked.plain)
    text = wording.not_in_material(case)
    return Reply("case", text, cases=(case.id,), memory=memory, why=("问的是刚才的案例，材料里没有",))
