"""A running conversation: what a short message means after the bot has said something.

A message is a move when it consists of nothing but the words of one row below, and words that say nothing (`_EMPTY`).
Whatever else is in it makes it a question of its own: 第二个 is a choice, 那第二辆车呢 is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.fold import sounds
from bot.message import Choice, Memory

_EMPTY = (
    "那 那么 就 我 我们 阿拉 要 想 看 看看 看一看 看一下 请 麻烦 给 帮 帮我 再 还 也 都 说 讲 聊 说说 讲讲 说一说 讲一讲 说一下 讲一下 问 问问 介绍 告诉 "
    "一下 下 吧 呢 啊 呀 吗 伐 么 嘛 呗 哦 噢 嗯 好 好的 行 可以 能 能不能 可不可以 好不好 好伐 行吗 行不行 有 有没有 没有 来 的 了 谢谢 你 您 侬 它 点 些 一点 一些 "
    "小助手 我来 个 一遍 听听 这个 那个 刚才 刚刚"
)
"""Words around a move that change nothing."""
_PLACES = "小区 居民区 社区 居委 居委会 地方 村 村子 街道 人家 案例 例子 办法 做法 经验 方法 种"

# move, the words that make it, words that may stand beside them; the first row that fits counts.
_MOVES = (
    # 更多 / 继续 / 接着说 / 后面呢 / 没说完
    ("more", "更多 继续 接着 往下 后面 后头 下面 下一页 下页 没说完 多说 多讲 说完 讲完 剩下 下文 还有呢 然后呢", "内容 部分 把"),
    # 详细 / 说细点 / 具体步骤 / 怎么做的 / 展开讲讲
    (
        "detail",
        "详细 详细点 具体 仔细 细 细点 展开 步骤 流程 细节 过程 经过 怎么做 怎么弄 怎么搞 怎么办的 怎么操作 怎么实施 做法 办法 一步步 一步一步 讲清楚 说清楚",
        "是 怎么 到底 他们 人家 内容 情况 去 做 弄 更 有哪些 有什么 什么 哪些 方案 究竟",
    ),
    # 换一个 / 还有别的吗 / 其他小区呢 / 别人家怎么弄的 / 还有吗
    (
        "other",
        "换一个 换个 换一换 换一家 别的 其他 其它 别处 别家 别人家 人家别的 另外 其余 下一个 另一个 另一家 再来一个 再来 还有吗 还有伐 还有么 还有没有 还有哪些 还有呢 还有谁 不一样的 "
        "哪些小区 还有哪个小区 几个小区",
        f"{_PLACES} 哪里 哪些 什么 啥 怎么做 怎么弄 怎么办 怎么搞 怎么解决 怎么处理 是 这样 做过 做 弄过 成功 类似 一个 一家 几个 像",
    ),
    # 都不是 / 不是这些 / 没有我要的 / 一个都不对
    (
        "none",
        "都不是 都不对 都不要 都不合适 全不是 全不对 不是这些 不是这个 不是这几个 没有我要的 没我要的 没有一个是 哪个都不是 一个都不是 一个也不是 一个都不对 以上都不是 不在里面 没一个",
        "这些 这几个 上面 以上 我要 我要的 我想问 对 是",
    ),
    # 返回 / 上一步 / 回到菜单 / 刚才那个列表
    ("back", "返回 上一步 退回 回到 回去 退回去 倒回去 菜单 列表 重新选 重选", "上面 前面 上一个 上一级 上一层 选单 选择 去 到"),
)  # fmt: skip

# 那城里小区呢 / 要是农村呢 / 换成街区怎么弄
_KINDS = {
    "小区": "小区 城里 城里小区 城市 城市小区 居民区 商品房 商品房小区 市区 老公房 城区",
    "村": "村 农村 村里 村子 乡下 乡村 村庄",
    "街区": "街区 商业街 商圈 街上",
    "园区": "园区 工业区 产业园 工业园",
}
_BESIDE_KIND = "要是 如果 换成 换 在 是 里 里面 里头 里向 这种 这边 怎么办 怎么弄 怎么做 怎么管 怎么搞 怎么解决 哪能弄 哪能办 的话 情况 对于 这样 这么 做 弄 做过 弄过 过 也"

_NUMERALS = {character: number for number, character in enumerate("一二三四五六七八九", 1)} | {"十": 10}
_NUMBER = rf"(?P<number>[{''.join(_NUMERALS)}]|\d{{1,2}})"
_BEFORE_NUMBER = "选 选择 就选 回复 按 点 挑 要看 看 听 喜欢 同意 我选 号码 数字 选项 序号 第 答案"
_AFTER_NUMBER = "个 条 号 项 种 家 种吧 个吧 那个 那条 小区 案例 样 选项 好了 详细 具体 细 怎么弄 怎么做"
_NUMERAL = rf"[{''.join(_NUMERALS)}]|\d{{1,2}}"
_LAST = "最后一个 最后一条 最后那个 末一个 最末一个"
# A number in these says nothing of a menu: 看一看, 一下, 一点, 两个都.
_NO_NUMBER = re.compile(r"([看说讲听问试])一\1|一下|[一几]点|一些|一起|一样|一遍|换一|再来一")
_HEARD = {sounds(f"第{numeral}{word}"): number for numeral, number in _NUMERALS.items() for word in ("个", "条", "")}
"""How an ordinal sounds, for 弟二个 and 第二哥 of a dictated message."""


@dataclass(frozen=True)
class Turn:
    """What a message means in the running conversation."""

    move: str
    """choose, more, detail, other, none, back, kind."""
    number: int = 0
    """Of a choice, counted from 1; -1 is the last one."""
    kind: str = ""


def _any(words: str) -> str:
    return "|".join(re.escape(word) for word in sorted(words.split(), key=len, reverse=True))


def _made_of(core: str, beside: str) -> re.Pattern[str]:
    """Fits a text that holds one of the core words and nothing but these and empty words."""
    around = f"(?:{_any(f'{core} {beside} {_EMPTY}')})*"
    return re.compile(f"(?:{_any(f'{beside} {_EMPTY}')})*(?:{_any(core)}){around}")


_PATTERNS = tuple((move, _made_of(core, beside)) for move, core, beside in _MOVES)
_KIND_PATTERNS = tuple((kind, _made_of(core, _BESIDE_KIND)) for kind, core in _KINDS.items())
_CHOICE = re.compile(
    f"(?:{_any(f'{_BEFORE_NUMBER} {_EMPTY}')})*{_NUMBER}(?:{_any(f'{_AFTER_NUMBER} {_EMPTY}')})*"
    f"|(?:{_any(_EMPTY)})*(?P<last>{_any(_LAST)})(?:{_any(_EMPTY)})*"
)
_SEVERAL = re.compile(f"(?:{_any(f'{_BEFORE_NUMBER} {_AFTER_NUMBER} {_EMPTY} 和 跟 与 还有 加')}|{_NUMERAL})+")
_ALL = _made_of(
    "都要 全都要 全部 所有 全要 全都 统统 都订 都可以 每个 一起",
    "都 全 订阅 订 退订 退 要 三个 四个 五个 几个 取消 报名 报",
)
_ELSEWHERE = re.compile(
    r"(?:那|那么|还有)?(?:其他|其它|别的|别处|别家|别人家|人家别的)(?:的)?(?:小区|社区|居民区|地方|村|街道|人家)?(?:都|的|是|又|也)?(?P<rest>.{2,12})"
)
_POINTER = re.compile(
    f"(?:{_any(_EMPTY + ' 是 怎么 怎么做 做 弄 搞 办 怎么样 如何 什么样 情况 小区 社区 居民区 案例 那边 那里 这边 那家 这家 选 选择 想了解 了解 怎么回事 呢 不是这个 不是 不对 不要这个 那里 做过 弄过')})*"
)
_SUBJECT = re.compile(r"(?:那|那么|要是|如果|还有)(?:是|说)?(.{2,8}?)(?:的事|问题|方面)?(?:呢|怎么办|怎么弄|哪能办)")
_POINTING = re.compile(r"(?:的那个|那个|那条|这个|这条|那家|这家|那种)(?:吧|呢|的|呀|啊)?$")


def turn(text: str) -> Turn | None:
    """The move a folded text makes, whatever went before; None when it is a question of its own."""
    said = text.replace(" ", "")
    if number := _chosen(said):
        return Turn("choose", number)
    for move, pattern in _PATTERNS:
        if pattern.fullmatch(said):
            return Turn(move)
    for kind, pattern in _KIND_PATTERNS:
        if pattern.fullmatch(said):
            return Turn("kind", kind=kind)
    return None


def _chosen(said: str) -> int:
    """The number of a choice; 0 when it is none."""
    match = _CHOICE.fullmatch(said)
    if match is None or _NO_NUMBER.search(said):
        return _HEARD.get(sounds(said), 0) if "第" not in said else 0
    if match.group("last"):
        return -1
    number = match.group("number")
    return _NUMERALS.get(number) or int(number) or 99


def numbers(text: str) -> tuple[int, ...]:
    """The numbers in a message that only picks from a list: 1和3, 第二个; -1 is the last one."""
    said = text.replace(" ", "")
    if number := _chosen(said):
        return (number,)
    if not _SEVERAL.fullmatch(said):
        return ()
    return tuple(_NUMERALS.get(one) or int(one) for one in re.findall(_NUMERAL, text))


def names_all(text: str) -> bool:
    """True for 都要, 全部, 所有的."""
    return bool(_ALL.fullmatch(text))


def asks_elsewhere(text: str) -> str:
    """What a question about other places asks (其他小区怎么收费 -> 怎么收费); empty when it is not one."""
    match = _ELSEWHERE.fullmatch(text.replace(" ", ""))
    return match.group("rest") if match else ""


def subject(text: str) -> str:
    """What 那停车呢 asks about; empty when it is not asked like that."""
    match = _SUBJECT.fullmatch(text.replace(" ", ""))
    return match.group(1) if match else ""


def is_pointer(topic: str) -> bool:
    """True when nothing but pointing words is left of a question whose place name was taken away."""
    return bool(_POINTER.fullmatch(topic.replace(" ", "")))


def pointed_at(text: str, lines: Iterable[str]) -> int:
    """The number of the one menu line that 收费那个 points at; 0 when it points at none or at several."""
    said = text.replace(" ", "")
    if not _POINTING.search(said):
        return 0
    word = re.sub(rf"^(?:{_any(_EMPTY + ' 选 说')})*", "", _POINTING.sub("", said))
    found = [number for number, line in enumerate(lines, 1) if len(word) > 1 and word in line]
    return found[0] if len(found) == 1 else 0


def remember(shown: Choice, memory: Memory) -> tuple[Choice, ...]:
    """What was seen, with this one, the latest last."""
    return (*(seen for seen in memory.seen if seen != shown), shown)[-20:]
