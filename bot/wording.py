"""Every sentence the bot says that is not in YAML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from rapidfuzz import fuzz

from bot.cases import Case, Fact, Practice, ResidentFace, WorkerFace
from bot.message import Role, Told
from bot.privacy import mask
from scheduler.notices import Upcoming
from scheduler.signups import SignedUp
from scheduler.when.words import chinese_date

CHARACTERS = 600
BYTES = 2048
"""Limits of one reply; the first is for the reader, the second is where WeChat cuts."""

MORE = "\n（没说完，回复“更多”接着看）"
BESIDE = "另外："
_ALIKE, _FEW = 50, 2
"""A fact as like the text before it (0 to 100) says nothing new; so many facts are told beside an answer."""
NUMBERS = "一二三四五六七八九"

WELCOME = (
    "您好，我是睦邻小助手。\n小区里的事，用自己的话问我就行，比如：\n· 楼道里堆满东西怎么办\n· 停车难怎么解决\n· 我妈腿脚不好下不了楼\n"
    "想看全部案例，回复“目录”；想找人，回复“转人工”。"
)
PLEASE_TYPE = "这条语音我没听清楚。麻烦您打几个字，或用输入法的语音转文字发给我，例如“楼道堆物怎么办”。"
SEEN_PICTURE = "图片我还看不懂。请用一句话说说是什么事，例如“楼道堆物怎么办”，我来找找别的小区怎么做的。"
SEEN_LOCATION = "位置收到了，可我不会看地图。请告诉我那里出了什么事，例如“路口堵车怎么办”。"
SEEN_LINK = "链接我打不开。请用一句话说说您想问什么，例如“加装电梯怎么谈”。"
CANNOT_READ = "这种消息我看不懂。请用文字告诉我是什么事，例如“停车难怎么办”。"
NOTHING_SAID = "您想问什么？说一句话就行，比如“楼道堆物怎么办”。回复“目录”可以看全部案例。"
EMPTY_MORE = "已经说完了。您可以接着问别的，或回复“目录”看看有哪些案例。"
EMERGENCY = "人有危险请马上打 110，着火打 119，受伤生病打 120。先离开危险的地方，再叫邻居和居委会帮忙。"
FORGOTTEN = "前面说到哪里我不记得了：隔得久了，或是还没说起过。请再说一遍您想问的事，比如“楼道堆物怎么办”。"
HANDED_OVER = (
    "好的，已经记下来，居委会的同志上班后会看到并联系您。\n接待时间一般是工作日白天，地点在您所在居民区的居委会；"
    "具体时间以居委会门口公示为准。人有危险请直接打 110、119 或 120。"
)
COMPLAINT_NOTED = (
    "您的意见已经记下来，会转给居委会的同志。\n请再说一句：在哪里、什么事、多久了，我一并转达。"
    "着急的事也可以打 12345 市民热线。"
)
INVITE_GOOD = "已为您登记为社区工作者。以后我会把具体步骤、参与方和注意事项一并告诉您。"
INVITE_WRONG = "邀请码不对或已过期。请向街道的管理员要新的邀请码，再发“我是社工 六位数字”。"
INVITE_PAUSED = "邀请码试错太多次，请一小时后再试。"
ASK_CODE = "请把街道管理员给您的六位邀请码一起发来，例如“我是社工 123456”。"
CANNOT_RECORD = "对不起，系统正忙，刚才这件事没有记下来。请过几分钟再试一次；着急请直接联系居委会。"


NO_MENU = "现在没有可以选的菜单。请直接说您想问的事，比如“楼道堆物怎么办”。"
OF_WHAT = "您问的是哪件事？请连着事情或小区一起说，比如“加装电梯要多少钱”。"
NEXT_EVENTS = "接下来有这些："
ON_THESE_DAYS = "这几天有："
NO_EVENTS = "眼下没有排好的活动。回复“订阅”，有了活动我通知您。"
WHICH_SIGNUP = "您要报名哪一个？回复数字就行："
WHICH_CANCEL = "您要取消哪一个？回复数字就行："
NOTHING_OPEN = "眼下没有可以报名的活动。回复“订阅”，有了活动我通知您。"
NOT_SIGNED_UP = "您还没有报过名，不用取消。"
WHICH_TOPIC = "您想收哪一类通知？回复数字就行："
OR_ALL = "都想收，回复“全部”。"
NO_TOPICS = "眼下没有可以订阅的通知。"
PARTS = {"contact": "这类事找谁：{}", "advice": "您可以：{}"}
"""How a part of the resident's face is said on its own."""


def vouched(reply: str, basis: str, checked: date | None, expired: date | None) -> str:
    """An admin's answer with where it comes from; past its date it says so."""
    lines = [reply.rstrip()]
    if basis:
        lines.append(f"——依据：{basis}" + (f"（{_day(checked)}核对）" if checked else ""))
    if expired:
        lines.append(f"这一条保证到{_day(expired)}为止，后来可能有变，请先问一问居委会。")
    return "\n".join(lines)


def overdue(intent: str, expires: date, owner: str) -> str:
    """What the owner of an answer past its date reads."""
    who = f"请{owner}核对" if owner else "还没有写 owner，请找人核对"
    return f"意图“{intent}”的答复只保证到{_day(expires)}，已经过期；{who}，核对后改 checked 和 expires"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def unknown() -> str:
    """When no case fits: say so and offer the next step."""
    return (
        "这个我不知道，手上的案例里没有说到，不敢乱讲。\n您可以换个说法再问一次，回复“目录”看看我知道哪些事，"
        "或回复“转人工”找居委会的同志。"
    )


def unsure(options: Sequence[tuple[Case, Practice]]) -> str:
    """When two practices fit about as well: let the person choose."""
    return "您想问的是哪一件？回复数字就行：\n" + menu(options) + "\n都不是的话，换个说法再问我。"


def menu(options: Iterable[tuple[Case, Practice]]) -> str:
    """Numbered choices, one a line."""
    return "\n".join(
        f"{number}. {case.place.name}：{practice.title}" for number, (case, practice) in enumerate(options, 1)
    )


def source(case: Case) -> str:
    """Where the answer comes from."""
    return f"——{case.place.area}{case.place.name}的做法，见{case.source}"


def face(practice: Practice, role: Role, fact: Fact | None) -> str:
    """The practice for this role; a fact that was asked for comes first."""
    body = _resident(practice.resident) if role == "resident" else _worker(practice.worker)
    return f"{fact.answer}\n\n{body}" if fact else body


def _resident(face: ResidentFace) -> str:
    return f"{face.answer}\n\n{face.done}\n\n您可以：{face.advice}\n找谁：{face.contact}"


def _worker(face: WorkerFace) -> str:
    parts = [face.answer, "", *(f"{number}. {step}" for number, step in enumerate(face.steps, 1))]
    listed = (("参与方", face.parties), ("文件", face.documents), ("注意", face.pitfalls), ("成效", face.results))
    parts += [f"{name}：{'；'.join(items)}" for name, items in listed if items]
    return "\n".join(parts)


def in_group(asked: str, case: Case, practice: Practice, role: Role, fact: Fact | None, others: int) -> str:
    """One case in a few lines for everybody to read, the rest in a single chat."""
    face = practice.face(role)
    told = fact.answer if fact else face.answer
    more = face.done if isinstance(face, ResidentFace) else "；".join(face.steps)
    head, rest = _cut(more, 160, 600) if len(more) > 160 else (more, "")
    offer = f"步骤{f'和另外{others}个小区的做法' if others else ''}，私聊我细说。"
    return f"{_echo(asked)}{told}\n{head}{'……' if rest else ''}\n——{case.place.name}\n{offer}"


def told_before(asked: str, told: Told, now: float) -> str:
    """Points to the answer the group was given a while ago."""
    minutes = max(1, round((now - told.at) / 60))
    first = told.reply.split("\n")[0].split("：", 1)[-1]
    return f"{_echo(asked)}{minutes}分钟前群里刚答过：{first}\n请往上翻，要细说就私聊我。"


def _echo(asked: str) -> str:
    """The asker's question in brief, so that everybody sees what is being answered."""
    brief = mask(" ".join(asked.split()))
    return f"问“{brief[:16]}{'…' if len(brief) > 16 else ''}”："


def briefly(asked: str, body: str, case: Case) -> str:
    """A text about a case for everybody in a group to read."""
    head, rest = _cut(body, 160, 600) if len(body) > 160 else (body, "")
    return f"{_echo(asked)}{head}{'……' if rest else ''}\n——{case.place.name}" + ("\n要细说就私聊我。" if rest else "")


def detail(practice: Practice, role: Role) -> str:
    """What is known of a practice beyond its face: single facts, and what the material leaves open."""
    parts = [f"关于“{practice.title}”，材料里还有："]
    parts += [f"· {fact.answer}" for fact in practice.facts]
    if not practice.facts:
        parts = [face(practice, role, None)]
    if practice.gaps:
        parts.append(f"材料里没有写的：{'、'.join(practice.gaps)}。")
    return "\n".join(parts)


def not_in_material(case: Case) -> str:
    """When the case says nothing of what was asked."""
    return (
        f"您问的这一点，{case.place.name}的材料里没有写，我不能乱说。\n可以换个问法，或回复“转人工”问问居委会的同志。"
    )


def whose(case: Case) -> str:
    """Which community a case is about."""
    return f"说的是{case.place.area}的{case.place.name}。"


def no_such_place(name: str) -> str:
    """When no place of this kind or area dealt with the question."""
    return f"这件事，手上的案例里没有{name}的做法。可以换个说法再问，或回复“目录”看看全部案例。"


def elsewhere_in_case(case: Case, practice: Practice) -> str:
    """Before a fact that belongs to another matter of the case just shown."""
    return f"{case.place.name}另一件事（{practice.title}）里说到："


def about(case: Case, options: Sequence[tuple[Case, Practice]]) -> str:
    """What one community did, when only its name was said."""
    lines = "\n".join(f"{number}. {practice.title}" for number, (_, practice) in enumerate(options, 1))
    return f"{case.place.name}做过这些事，您想看哪一件？回复数字就行：\n{lines}"


def about_in_group(asked: str, case: Case) -> str:
    """What one community did, in brief."""
    titles = "；".join(practice.title for practice in case.practices[:3])
    return f"{_echo(asked)}{case.place.name}做过{len(case.practices)}件事，比如：{titles}。\n想听哪一件直接问我，要看全部就私聊我。"


def none_of_them() -> str:
    """When nothing in the menu was meant."""
    return "好的，那请您换个说法，再说说是什么事，比如在哪里、什么东西、谁不同意。回复“转人工”可以找居委会的同志。"


def out_of_range(count: int) -> str:
    """When a number was chosen that the menu does not have."""
    if count == 1:
        return "上面只有一项，回复“1”就能看，或直接说您想问的事。"
    return f"上面只有 1 到 {count}，请回复其中一个数字，或直接说您想问的事。" if count else EMPTY_MORE


def all_told(others: int) -> str:
    """When the details were told already."""
    return "材料里有的都说了。" + ("想看别处的做法，回复“换一个”。" if others else "可以接着问别的。")


def no_others() -> str:
    """When every case for a question was shown."""
    return "这件事我知道的小区都给您看过了。可以换个说法再问，或回复“目录”看看全部案例。"


def compose(body: str, *tail: str) -> tuple[str, str]:
    """Body and tail as one reply; when it is too long the body is cut after a sentence, and the rest is kept for 更多."""
    end = "\n".join(part for part in tail if part)
    whole = f"{body}\n\n{end}" if end else body
    if fits(whole):
        return whole, ""
    head, rest = _cut(body, CHARACTERS - len(end) - len(MORE) - 2, BYTES - len(end.encode()) - len(MORE.encode()) - 2)
    return f"{head}{MORE}\n\n{end}", rest


def with_facts(body: str, beside: Iterable[Fact], *tail: str) -> str:
    """The body with a few facts that it does not tell yet, so far as one reply has room for them."""
    told, longer = body, f"{body}\n{BESIDE}"
    for fact in beside:
        line = f"\n· {fact.answer}"
        new = fuzz.partial_ratio(fact.answer, body, score_cutoff=_ALIKE) <= _ALIKE
        if new and not compose(longer + line, *tail)[1]:
            told = longer = longer + line
            if longer.count("\n· ") == _FEW:
                break
    return told


def others(options: Sequence[tuple[Case, Practice]]) -> str:
    """Further cases under an answer."""
    return "别处也有：\n" + menu(options) + "\n回复数字看详情" if options else ""


def catalogue(cases: Iterable[Case]) -> str:
    """All cases, grouped by the area they are in."""
    areas: dict[str, list[str]] = {}
    for case in cases:
        areas.setdefault(case.place.area, []).append(case.title)
    return "\n".join(f"【{area}】\n" + "\n".join(f"· {title}" for title in titles) for area, titles in areas.items())


def fits(text: str) -> bool:
    """True when a text can go out as one reply."""
    return len(text) <= CHARACTERS and len(text.encode()) <= BYTES


def split(text: str) -> tuple[str, str]:
    """The part that fits into one reply, cut after a sentence or line, and the rest; 更多 asks for the rest."""
    if fits(text):
        return text, ""
    head, rest = _cut(text, CHARACTERS - len(MORE), BYTES - len(MORE.encode()))
    return head + MORE, rest


def _cut(text: str, room: int, room_bytes: int) -> tuple[str, str]:
    end = min(room, len(text))
    while len(text[:end].encode()) > room_bytes:
        end -= 1
    cut = max((text.rfind(mark, 0, end) for mark in "。！？；\n"), default=-1)
    cut = cut + 1 if cut > end // 3 else end
    return text[:cut].rstrip(), text[cut:].lstrip()


def erased(messages: int, subscriptions: int, handovers: int, seats: int) -> str:
    """What was deleted of a person's records."""
    return (
        f"已删除您的记录：{messages} 条聊天记录、{subscriptions} 项订阅、{seats} 个报名、{handovers} 条转人工或投诉登记，还有正在进行的对话。"
        "\n以后您再来问，我会当作第一次见面。"
    )


def subscribed(topics: Sequence[str]) -> str:
    """What a person will be told of from now on."""
    return f"已为您订阅：{'、'.join(topics)}。有通知我会发给您。不想收了，回复“退订”就行。"


def unsubscribed(topics: Sequence[str]) -> str:
    """What a person will no longer be told of."""
    return f"已退订：{'、'.join(topics)}。想再收，回复“订阅”。" if topics else "您还没有订阅过，不用退订。"


def event(one: Upcoming, now: datetime, left: int | None) -> str:
    """When and where the next event of a notice is, and whether one can sign up."""
    lines = [f"下一次{one.notice.notice}：{_when(one)}{_where(one)}。"]
    closes = one.notice.closes(one.slot.event)
    if closes and is_open(one, now):
        lines.append(f"要来的话回复“报名”，{_moment(closes)}截止，{_room(left)}。")
    elif closes:
        lines.append("报名已经截止。")
    return "\n".join(lines)


def events(head: str, found: Sequence[Upcoming]) -> str:
    """Events as a numbered list."""
    return listed(head, [f"{one.notice.notice}：{_when(one)}" for one in found])


def listed(head: str, options: Sequence[str], tail: str = "") -> str:
    """Options as a numbered list."""
    lines = [f"{number}. {option}" for number, option in enumerate(options, 1)]
    return "\n".join([head, *lines, *([tail] if tail else [])])


def is_open(one: Upcoming, now: datetime) -> bool:
    """True while one can sign up for an event."""
    closes = one.notice.closes(one.slot.event)
    return closes is not None and now < min(closes, one.slot.event)


def unknown_event(words: str) -> str:
    """When no notice speaks of what was asked for; what comes next follows."""
    return f"没有查到“{mask(words[:12])}”的通知。接下来有这些："


def nothing_on(days: tuple[date, date]) -> str:
    """When nothing is on in the days that were named; what comes next follows."""
    first, last = days
    span = chinese_date(first) if first == last else f"{chinese_date(first)}到{chinese_date(last)}"
    return f"{span}没有排活动。接下来有这些："


def no_signup(one: Upcoming) -> str:
    """When one need not sign up."""
    return f"{one.notice.notice}不用报名，到时候直接来：{_when(one)}{_where(one)}。"


def signed_up(one: Upcoming, result: SignedUp) -> str:
    """What became of a wish to sign up."""
    name, when = one.notice.notice, f"{_when(one)}{_where(one)}"
    seats = f"共 {result.seats} 位" if result.seats > 1 else "1 位"
    change = "来不了请回复“取消报名”，好让给别人。"
    if result.answer == "in":
        return f"已报名：{name}，{seats}，{when}。\n{_left_now(result.left)}{change}"
    if result.answer == "waiting":
        return (
            f"{name}（{when}）的名额满了，已为您登记候补，排在第 {result.position} 位。有了空位我马上通知您。\n{change}"
        )
    if result.answer == "already":
        return f"您已经报过名了：{name}，{seats}，{when}。\n{change}"
    if result.answer == "already_waiting":
        return f"您已经在候补里了：{name}，{when}，排在第 {result.position} 位。\n{change}"
    if result.answer == "closed":
        closed = f"，{_moment(result.closes)}截止的" if result.closes else ""
        return f"{name}（{_when(one)}）的报名已经截止{closed}。想知道还有什么活动，回复“最近有什么活动”。"
    if result.answer == "cancelled":
        return f"{_when(one)}的{name}取消了，不用报名，也请不要白跑一趟。"
    return no_signup(one)


def gave_back(names: Sequence[str]) -> str:
    """What was given back when somebody does not come."""
    return f"已取消报名：{'、'.join(dict.fromkeys(names))}。想再来，回复“报名”。" if names else NOT_SIGNED_UP


def on_duty(number: int, question: str, context: str) -> str:
    """What the person on duty reads when somebody asks for a person."""
    before = f"\n之前在问：{context}" if context else ""
    return f"【转人工】{number} 号登记：{question}{before}\n处理完请运行 python -m bot handovers --done {number}"


def _when(one: Upcoming) -> str:
    slot = one.slot
    moved = f"（原定{chinese_date(slot.moved_from)}，{slot.reason}）" if slot.moved_from else ""
    return f"{_moment(slot.event)}{moved}"


def _where(one: Upcoming) -> str:
    return f"，{one.notice.place}" if one.notice.place else ""


def _moment(time: datetime) -> str:
    return f"{chinese_date(time.date())}{time:%H:%M}"


def _room(left: int | None) -> str:
    if left is None:
        return "名额不限"
    return f"还有 {left} 个名额" if left else "名额满了，可以候补"


def _left_now(left: int | None) -> str:
    return "" if left is None else f"还剩 {left} 个名额。"
