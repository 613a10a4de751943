"""A running conversation: what a short message means after the bot has said something."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.message import Choice, Memory

_DIGITS = {character: number for number, character in enumerate("一二三四五六七八九", 1)}
_DIGITS |= {str(number): number for number in range(1, 10)} | {"两": 2}
_N = f"[{''.join(_DIGITS)}]"

_CHOICE = re.compile(
    rf"(?:我?(?:要|想看|想要|看看|看|选|选择|就|回复)?(?:那)?)?(?:第|序号|选项)?({_N})(?:个|条|号|项|点|种)?(?:吧|的|呢|啊|谢谢|那个|看看)*"
)
_MORE = re.compile(
    r"(?:还有)?(?:更多|更多内容|继续|接着说|接着讲|往下说|后面呢|下一页|然后呢|没说完|再多点|多讲点|多说点)(?:吧|呢|啊)?"
)
_DETAIL = re.compile(
    r"(?:再|说|讲|能|可以|给我|帮我|想看|要)*(?:详细|具体|仔细|细)(?:一?些|一?点|的)?(?:说|讲|看|介绍|步骤|做法|内容|流程|办法|情况|怎么做|怎么弄|怎么办|说说|讲讲)*"
    r"(?:一下|一点)?(?:吧|呢|吗|啊|的)?|怎么做的?|(?:展开|细)(?:说说|讲讲)|步骤呢?|流程呢?|怎么(?:一步步|一步一步)(?:做|弄)的?"
)
_OTHER = re.compile(
    r"(?:换(?:一|1)?个(?:小区|案例|地方|例子)?(?:看看|吧|的)?)|(?:那|还)?(?:有没有|还有|有)?(?:没有|哪些|什么|其他|其它|别的|另外|其余)+"
    r"(?:的)?(?:小区|地方|案例|做法|例子|办法|居委|社区|村|人家)*(?:也?(?:是)?(?:怎么|这样|有|做过)?(?:做|弄|办|解决|搞)?(?:的|过)?)?(?:吗|呢|没有|么|吧)?"
)
_NONE = re.compile(
    r"(?:这(?:几|些)个?)?(?:都|全)(?:不是|不对|不要|没有|不合适)(?:的|啊|呢)?|不是这(?:个|些|几个)|没有我要的"
)
_BACK = re.compile(r"返回|上一步|退回|回到?(?:上面|前面|菜单|列表)|(?:上一?个|刚才|刚刚)的?(?:菜单|列表|目录)|回去")

_CUES = re.compile(
    r"多少|几|钱|费|谁|哪|电话|联系|什么时候|啥时候|多久|多长|时间|地址|在什么地方|怎么|能不能|可以吗|会不会|有没有|有用吗|效果|后来|结果|吗$|呢$|么$|为什么|"
    r"居民|业主|他们|它|那个|那边|这个|这边"
)
_ELLIPTIC = re.compile(r"^(?:那|那么|这|这个|这种|那种|那个|他们|它|具体|还|那里|那边|这里|这边|上面|刚才|后来|像这样)")
_KIND = re.compile(
    r"(?:那|要是|如果|换成|换)?(?:在|是)?(城里|城市|小区|居民区|农村|村里|乡下|村子|村|街区|商业街|园区)(?:的)?(?:小区|居民区|里)?(?:呢|怎么办|怎么弄|怎么做|怎么管|的话|里呢)"
)
_KINDS = {
    "农村": "村",
    "村里": "村",
    "乡下": "村",
    "村子": "村",
    "村": "村",
    "街区": "街区",
    "商业街": "街区",
    "园区": "园区",
}


@dataclass(frozen=True)
class Turn:
    """What a message means in the running conversation."""

    move: str
    """choose, more, detail, other, none, back, kind."""
    number: int = 0
    kind: str = ""


def turn(text: str, memory: Memory) -> Turn | None:
    """The move a folded text makes in this conversation; None when it is a question of its own."""
    said = text.replace(" ", "")
    if memory.rest and _MORE.fullmatch(said):
        return Turn("more")
    if memory.choices and (match := _CHOICE.fullmatch(said)):
        return Turn("choose", _DIGITS[match.group(1)])
    if memory.choices and _NONE.fullmatch(said):
        return Turn("none")
    if memory.choices and _BACK.fullmatch(said):
        return Turn("back")
    if memory.shown and _MORE.fullmatch(said):
        return Turn("detail")
    if memory.shown and _DETAIL.fullmatch(said):
        return Turn("detail")
    if (memory.shown or memory.choices) and said and _OTHER.fullmatch(said):
        return Turn("other")
    if memory.question and (match := _KIND.fullmatch(said)):
        return Turn("kind", kind=_KINDS.get(match.group(1), "小区"))
    return None


def leans_on_context(text: str) -> bool:
    """True when a folded question is too short to stand alone, so that it may mean the case just shown."""
    said = text.replace(" ", "")
    return len(said) <= 12 or (len(said) <= 20 and bool(_ELLIPTIC.match(said)))


def asks_for_detail_of(text: str, memory: Memory) -> bool:
    """True when a short question can only be about the case just shown: 多少钱, 谁出的, 电话多少."""
    said = text.replace(" ", "")
    return memory.shown is not None and len(said) <= 12 and bool(_CUES.search(said))


def is_pointer(topic: str) -> bool:
    """True when nothing but pointing words is left of a question whose place name was taken away."""
    return len(_POINTING.sub("", topic.replace(" ", ""))) == 0


_POINTING = re.compile(
    r"那个|那边|那里|这个|是|怎么|做|弄|搞|办|的|呢|吗|看看|看|说说|讲讲|介绍|一下|小区|社区|居民区|情况|案例|这边|选|要|就|吧|我|想|如何|什么样|样|了解|有"
)


def remember(shown: Choice, memory: Memory) -> tuple[Choice, ...]:
    """What was seen, with this one, the latest last."""
    return (*(seen for seen in memory.seen if seen != shown), shown)[-20:]
