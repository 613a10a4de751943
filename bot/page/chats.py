"""The chats that the page offers, with their menus and what a newcomer may ask."""

from __future__ import annotations

from dataclasses import dataclass

from bot.page.accounts import Kind


@dataclass(frozen=True)
class Button:
    """A button of the menu under a chat; a sub-button sends a CLICK with its key."""

    name: str
    keys: tuple[tuple[str, str], ...]
    """The name of each sub-button, and its key: what the person would have typed."""


@dataclass(frozen=True)
class Chat:
    """One chat of the page; `id` names it in the browser."""

    id: str
    channel: str
    title: str
    where: str
    """The line under the title: which app this is, and who one is in it."""
    role: str
    members: tuple[str, ...] = ("",)
    """In a group, whose phone one may hold."""
    kinds: tuple[Kind, ...] = ("text", "enter")
    menu: tuple[Button, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def group(self) -> bool:
        """True where several people write."""
        return len(self.members) > 1


def chats(name: str) -> tuple[Chat, ...]:
    """All chats; `name` is what the bot is called in them."""
    return (
        Chat(
            "resident", "official_account", name, "公众号 · 我是居民", "居民",
            kinds=("text", "click", "enter", "leave"), menu=_RESIDENT_MENU,
            hints=("我妈腿脚不好下不了楼怎么办", "楼道里堆满东西怎么办", "小区停车难怎么解决", "楼上漏水没人管"),
        ),
        Chat(
            "worker", "wecom_app", name, "企业微信应用 · 我是社工", "社工",
            kinds=("text", "click", "enter"), menu=_WORKER_MENU,
            hints=("加装电梯一楼不同意，怎么一步步做", "群租整治怎么做", "业委会怎么组建", "飞线充电怎么整治"),
        ),
        Chat(
            "group", "wecom_aibot", "社区工作群", "企业微信群 · 我是社工", "社工",
            members=("小周", "老陈", "阿芳"), kinds=("text",),
            hints=(f"@{name} 停车难别的小区怎么办", f"@{name} 楼道堆物怎么清", "大家明天几点开会"),
        ),
        Chat(
            "robot", "wecom_aibot", f"{name}（机器人）", "企业微信智能机器人 · 我是社工", "社工",
            hints=("志愿者没人来怎么办", "老旧小区没有物业怎么管"),
        ),
    )  # fmt: skip


_RESIDENT_MENU = (
    Button("问事情", (("停车难", "小区停车难怎么办"), ("加装电梯", "想装电梯怎么办"), ("楼道堆物", "楼道里堆满东西怎么办"), ("全部目录", "目录"))),
    Button("社区通知", (("下次活动", "下次志愿活动是什么时候"), ("订阅通知", "订阅"), ("活动报名", "报名"), ("退订", "退订"))),
    Button("找人", (("转人工", "转人工"), ("提意见", "投诉"), ("怎么用", "帮助"))),
)  # fmt: skip

_WORKER_MENU = (
    Button("查做法", (("停车治理", "停车难怎么治理"), ("加装电梯", "加装电梯怎么做"), ("群租整治", "群租怎么整治"), ("全部目录", "目录"))),
    Button("通知", (("下次活动", "下次志愿活动是什么时候"), ("议事会", "下次议事会是什么时候"))),
    Button("帮助", (("怎么用", "帮助"), ("转人工", "转人工"))),
)  # fmt: skip
