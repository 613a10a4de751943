"""What the platforms' error codes mean for a delivery: its state, and who must do what, in Chinese.

WeChat and WeCom report errors inside HTTP 200; the same code may mean different things on different platforms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from scheduler.sender import Outcome, Settled

Pause = float | Literal["midnight"]
_MINUTE = 60.0
_BEIJING = ZoneInfo("Asia/Shanghai")
"""The platforms' days, wherever the bot runs."""


@dataclass(frozen=True)
class Meaning:
    """What one code says; `pause` is how long the lane waits. A sentence may ask for {ip} or {detail} of the errmsg."""

    state: Settled
    sentence: str
    pause: Pause = 0.0


Meanings = Mapping[int, Meaning]


def outcome(meanings: Meanings, code: int, errmsg: str, now: float, receipt: str = "") -> Outcome:
    """The outcome of an answer with this code; an unknown code is a failure that is not tried again."""
    if code == 0:
        return Outcome("sent", "平台已收下", 0, receipt=receipt)
    meaning = meanings.get(code, _UNKNOWN)
    reason = meaning.sentence.format(code=code, ip=_ip(errmsg), detail=_detail(errmsg), reference=reference(errmsg))
    until = pause_until(meaning.pause, now) if meaning.state == "wait" else 0.0
    return Outcome(meaning.state, reason, code, until, receipt)


def pause_until(pause: Pause, now: float) -> float:
    """When a pause that begins now is over; days are Beijing's."""
    if pause != "midnight":
        return now + pause
    tomorrow = datetime.fromtimestamp(now, _BEIJING) + timedelta(days=1)
    return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def reference(errmsg: str) -> str:
    """The number by which the platform's support finds the call: 公众号 calls it rid, 企业微信 hint."""
    found = re.search(r"(?:rid|hint):\s*\[?([\w-]+)", errmsg)
    return found[1] if found else "无"


def _ip(errmsg: str) -> str:
    """The address that the platform saw."""
    found = re.search(r"(?:from ip|invalid ip):?\s*([0-9a-fA-F.:]*[0-9a-fA-F])", errmsg)
    return found[1] if found else "（平台没有写明）"


def _detail(errmsg: str) -> str:
    """The platform's own words, without its reference numbers."""
    return re.split(r",?\s*(?:rid:|hint:|from ip:|more info)", errmsg)[0].strip()[:80] or "没有说明"


def _failed(sentence: str) -> Meaning:
    return Meaning("failed", sentence)


def _wait(pause: Pause, sentence: str) -> Meaning:
    return Meaning("wait", sentence, pause)


def _busy(sentence: str) -> Meaning:
    return Meaning("retry", sentence)


def _bug(what: str) -> Meaning:
    return _failed(f"{what}：这是程序的错，请管理员把错误码 {{code}} 和编号 {{reference}} 报给开发者")


_UNKNOWN = _failed("平台返回不认识的错误码 {code}（{detail}），没有重试：请管理员凭编号 {reference} 查平台文档或问客服")
_OTHER_PROGRAM = "换过一次仍被拒：请管理员查是不是别的程序也在用这个 AppSecret，先看后台“授权管理”"
_TAGS = "请管理员到公众号后台核对标签，再改 audiences.yaml"

OFFICIAL_ACCOUNT: Meanings = {
    -1: _busy("公众号平台繁忙，稍后自动再试"),
    40001: _failed(f"access_token 无效或不是最新的，{_OTHER_PROGRAM}"),
    40014: _failed(f"access_token 不合法，{_OTHER_PROGRAM}"),
    42001: _failed(f"access_token 过期，{_OTHER_PROGRAM}"),
    40003: _failed("这个 OpenID 不属于本公众号，或从没关注过：请管理员把这位从名单里删去"),
    40007: _failed("素材无效或已满 3 天：请管理员重新上传素材，再补发"),
    40013: _failed("AppID 不对：请管理员核对 WECHAT_APP_ID"),
    40125: _failed("AppSecret 不对：请管理员核对 WECHAT_APP_SECRET"),
    40033: _bug("请求里有平台不收的转义字符"),
    40037: _failed("订阅通知的模板编号不对：请管理员核对 WECHAT_TEMPLATE_ID"),
    40164: _wait(
        300.0, "本机地址 {ip} 不在公众号的 IP 白名单里：请管理员到微信开发者平台把它加进去，这期间每 5 分钟自动再试"
    ),
    40200: _failed("这类账号不能发这种消息：请管理员改用普通文本"),
    41030: _failed("小程序页面路径不对：请管理员核对订阅通知模板的跳转页"),
    43004: _failed("对方没有关注公众号：请社工请对方先关注"),
    43019: _failed("对方在公众号的黑名单里：要发请管理员到后台移出黑名单"),
    50005: _failed("对方没有关注公众号：请社工请对方先关注"),
    43101: _failed("对方没有订阅这个通知、订阅次数用完或已拒收：请社工请对方再订阅一次，之后补发"),
    44002: _bug("请求正文是空的"),
    47001: _bug("请求正文不是 JSON"),
    45002: _failed("内容太长：请管理员把通知写短（2048 字节，约 680 个汉字）"),
    45008: _failed("图文条数超过限制：请管理员减到 1 条"),
    45009: _wait("midnight", "公众号今天的接口次数用完了，零点后自动接着发；等不及请管理员到后台清零（每月 10 次）"),
    45011: _wait(_MINUTE, "公众号接口这一分钟调用太多，一分钟后自动接着发"),
    45015: _failed(
        "对方 48 小时内没有给公众号发过消息，或已取消关注：不能主动发，请社工等对方再来消息时转告或另行通知"
    ),
    45028: _wait(
        "midnight",
        "群发次数用完了（订阅号每天 1 次，服务号每人每月 4 次），零点后自动再试；请管理员看看本月是否还有次数",
    ),
    45047: _failed("对方上次来消息后能主动发的条数用完了：请社工等对方再来消息，或另行通知"),
    45056: _failed("公众号的标签已满 100 个：请管理员到公众号后台删去不用的"),
    45058: _failed(f"这是系统保留的标签，不能改：{_TAGS}"),
    45059: _failed("这位身上的标签已满 20 个：请管理员到公众号后台去掉几个"),
    45072: _failed("“正在输入”指令不对，不影响消息：不必处理"),
    45080: _failed("“正在输入”要对方 30 秒内说过话，不影响消息：不必处理"),
    45081: _failed("已经是“正在输入”，不影响消息：不必处理"),
    45103: _failed("用了小程序的 access_token 发公众号通知：请管理员核对 WECHAT_APP_ID 是公众号的"),
    45157: _failed(f"标签名不合法或重名：{_TAGS}"),
    45158: _failed(f"标签名太长：{_TAGS}"),
    45159: _failed(f"没有这个标签编号：{_TAGS}"),
    45169: _busy("正在给同一位打标签，稍后自动再试"),
    45171: _failed("只有一部分人打上了标签：请管理员只给没打上的人再打一次"),
    47003: _failed("订阅通知的内容不合模板要求（{detail}）：请管理员改短标题，或核对 WECHAT_TEMPLATE_FIELDS"),
    48001: _failed("公众号没有这个接口的权限：请管理员完成认证，或在 audiences.yaml 里换一个渠道"),
    48002: _failed("对方关闭了接收公众号消息：请社工另行通知"),
    48004: _failed("公众号因违规被封了这个接口：请管理员马上停发这类消息，到公众号后台看原因并申诉"),
    48006: _failed("清零次数用完了（每月 10 次）：请管理员等下个月"),
    48008: _failed("公众号没有发这种消息的权限：请管理员改用普通文本，或到后台申请权限"),
    49003: _failed("这个 OpenID 不属于本公众号：请管理员把这位从名单里删去"),
    50002: _failed("对方的微信号被限制（冻结或注销），这位不再发；要是人人如此，请管理员到公众号后台看接口是否被封"),
    61004: _failed("本机地址 {ip} 没有在第三方平台登记：请管理员到第三方平台登记这个地址"),
    61007: _failed("第三方平台没有得到这项授权：请管理员重新授权，或用公众号自己的 AppSecret"),
    70000: _failed("对方受未成年人保护限制，不能发：请社工另行通知"),
    268487001: _busy("公众号平台繁忙，稍后自动再试"),
    268487002: _busy("公众号平台繁忙，稍后自动再试"),
}

# Only a mass send has an idempotency key, so only there a repetition counts as sent.
MASS: Meanings = {
    **OFFICIAL_ACCOUNT,
    45065: Meaning("sent", "平台说同一编号的群发已经发过，没有重发"),
    45066: _wait(_MINUTE, "同一编号一分钟内提交过，一分钟后自动核对"),
    45067: _bug("群发编号超过 64 字节"),
}

OFFICIAL_ACCOUNT_TOKEN: Meanings = {
    **{code: OFFICIAL_ACCOUNT[code] for code in (-1, 40013, 40125, 40164, 45009, 45011, 48001, 61004)},
    40001: _failed("AppSecret 不对：请管理员核对 WECHAT_APP_SECRET"),
    40243: _failed("AppSecret 在后台被冻结：请管理员到微信开发者平台解冻或重置"),
    50004: _failed("公众号被禁止取 access_token：请管理员到公众号后台看原因"),
    50007: _failed("公众号被冻结：请管理员到公众号后台处理"),
    89503: _wait(300.0, "这个地址取 access_token 要公众号管理员在微信里点确认：请管理员确认，这期间每 5 分钟自动再试"),
    89506: _wait(86400.0, "公众号管理员拒绝了本机地址，24 小时内不能再试：请管理员核对后在白名单里加上本机地址"),
    89507: _wait(3600.0, "公众号管理员拒绝了本机地址，1 小时内不能再试：请管理员核对后确认"),
}

_APP_RANGE = "请管理员核对 audiences.yaml，或在企业微信后台把这位加进应用的可见范围"

WECOM_APP: Meanings = {
    -1: _busy("企业微信繁忙，稍后自动再试"),
    40001: _failed("企业微信应用的 Secret 不对：请管理员核对 WECOM_SECRET"),
    40013: _failed("企业 ID 不对：请管理员核对 WECOM_CORP_ID"),
    40014: _failed("企业微信的 access_token 不合法，换过一次仍被拒：请管理员核对 WECOM_SECRET 是不是这个应用的"),
    42001: _failed("企业微信的 access_token 过期，换过一次仍被拒：请管理员核对服务器时钟"),
    40056: _failed("应用的 AgentId 不对：请管理员核对 WECOM_AGENT_ID"),
    40058: _failed("请求里有不合要求的内容（{detail}）：请管理员照此改通知或名单；改不了就报给开发者"),
    40003: _failed(f"没有这个成员账号：{_APP_RANGE}"),
    60111: _failed(f"没有这个成员账号：{_APP_RANGE}"),
    41001: _bug("请求里没有 access_token"),
    41011: _bug("请求里没有 AgentId"),
    44004: _bug("消息正文是空的"),
    45002: _failed("内容太长：请管理员把通知写短（2048 字节，约 680 个汉字）"),
    45004: _failed("说明文字太长：请管理员写短（512 字节，约 170 个汉字）"),
    45008: _failed("图文条数超过限制：请管理员减到 8 条以内"),
    45009: _wait(_MINUTE, "企业微信接口调用太多，等限制的时间过了自动接着发"),
    45033: _busy("同时调用企业微信的次数太多，稍后自动再试"),
    48002: _failed("应用没有这个接口的权限：请管理员在企业微信后台给应用开通"),
    60011: _failed(f"对方不在应用的权限内：{_APP_RANGE}"),
    60020: _failed("本机地址 {ip} 不在应用的“企业可信IP”里：请管理员到企业微信后台的应用页把它加进去，再补发"),
    81013: _failed(f"收件人一个也没有效：{_APP_RANGE}"),
    82001: _failed(f"收件人全都无效：{_APP_RANGE}"),
    82002: _failed("一次发给的部门超过 100 个：请管理员在 audiences.yaml 里分成几组"),
    82003: _failed("一次发给的标签超过 100 个：请管理员在 audiences.yaml 里分成几组"),
    301002: _failed("没有操作这个应用的权限：请管理员核对 WECOM_AGENT_ID 和 WECOM_SECRET 是同一个应用的"),
}

WECOM_GROUP: Meanings = {
    -1: WECOM_APP[-1],
    40008: _bug("群机器人不收这种消息"),
    40058: WECOM_APP[40058],
    44004: WECOM_APP[44004],
    45002: WECOM_APP[45002],
    45009: _wait(_MINUTE, "这个群机器人一分钟内发满 20 条，一分钟后自动接着发"),
    45033: WECOM_APP[45033],
    93000: _failed("群机器人的地址无效，或机器人已被移出群：请管理员到群里重新添加机器人，把新地址填进设置"),
}
