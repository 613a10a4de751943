"""The chat page of `make run`: looks like WeChat, and speaks to the bot only through the platform's callbacks."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, StringConstraints, ValidationError

from bot.page.accounts import Act, Kind
from bot.page.chats import Chat, chats
from bot.page.platform import Outage, Platform
from bot.pretend import Arrived

log = logging.getLogger(__name__)

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}

Visitor = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""A browser, as it named itself; the people it plays are told apart from those of other browsers by it."""


class Doing(BaseModel):
    """What the page reports."""

    visitor: Visitor
    chat: str
    member: int = 0
    kind: Kind
    number: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,17}$")]
    text: Annotated[str, StringConstraints(max_length=20000)] = ""


def page_blueprint(platform: Platform, arrived: Sequence[Arrived], group_of: Callable[[str], str]) -> Blueprint:
    """The page of this platform; whatever is appended to `arrived` appears in its chat, with the name of its group."""
    page = Blueprint("page", __name__, static_folder="static", static_url_path="/page/static")
    offered = {chat.id: chat for chat in chats(platform.name)}
    # The numbers of arrivals start again with the process; the browser must notice.
    run = secrets.token_hex(4)

    @page.get("/")
    def index() -> Response:
        return page.send_static_file("index.html")

    @page.get("/page/chats")
    def listed() -> Response:
        return jsonify(
            name=platform.name, run=run, chats=[asdict(chat) | {"group": chat.group} for chat in offered.values()]
        )

    @page.post("/page/acts")
    def acted() -> tuple[Response, int]:
        # Only our own page can send JSON: a form of another site cannot.
        try:
            doing = Doing.model_validate(request.get_json(silent=True))
            chat = offered[doing.chat]
            act = _act(doing, chat)
        except (ValidationError, LookupError):
            return jsonify(error="页面发来的内容不对，请刷新页面"), 400
        try:
            return jsonify(reply=platform.deliver(chat.channel, act)), 200
        except Outage as error:
            log.error("%s %s 没有回复：%s", chat.channel, act.number, error)
            return jsonify(error=f"{chat.title}暂时没有回应"), 502

    @page.get("/page/arrivals")
    def arrivals() -> Response:
        after, visitor = request.args.get("after", 0, int), request.args.get("visitor", "")
        fresh = [notice for notice in arrived[max(after, 0) :] if _visible(notice, visitor)]
        return jsonify(run=run, next=len(arrived), arrivals=[_shown(notice, group_of) for notice in fresh])

    @page.after_request
    def guarded(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    return page


def _openid(visitor: str) -> str:
    return f"o{visitor}"


def _act(doing: Doing, chat: Chat) -> Act:
    """The act in the platform's words; raises LookupError for what this chat does not offer."""
    if doing.kind not in chat.kinds or doing.member not in range(len(chat.members)):
        raise LookupError(doing.kind)
    person = _openid(doing.visitor) if chat.channel == "official_account" else f"member{doing.member}-{doing.visitor}"
    return Act(doing.kind, person, doing.number, doing.text, group=f"wr{doing.visitor}" if chat.group else "")


_CHANNELS = {"official_account": "resident", "wecom_app": "worker", "wecom_group": "group"}
"""The chat in which a notice of each channel appears."""


def _visible(notice: Arrived, visitor: str) -> bool:
    """True unless the notice is for a follower in another browser."""
    return not notice.address.startswith("openid:") or notice.address == f"openid:{_openid(visitor)}"


def _shown(notice: Arrived, group_of: Callable[[str], str]) -> dict[str, Any]:
    everybody = "\n@所有人" if "@all" in notice.mentions else ""
    group = group_of(notice.address) if notice.channel == "wecom_group" else ""
    text = notice.text + everybody
    return {"chat": _CHANNELS[notice.channel], "group": group, "text": text, "at": int(notice.at * 1000)}
