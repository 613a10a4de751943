"""The pretend 公众号 platform: tokens, customer-service messages, subscription notices, mass sends."""

from __future__ import annotations

from typing import Any

from bot.pretend.answers import fine, refusal
from bot.pretend.world import Arrived, Request, World

_TEXT, _THING, _KEY = 2048, 20, 64
_ACCOUNT = "wechat"


def token(world: World, request: Request) -> dict[str, Any]:
    """cgi-bin/token: a new token each time."""
    return _issue(world, request.query, same=False)


def stable_token(world: World, request: Request) -> dict[str, Any]:
    """cgi-bin/stable_token: the same token while it is good."""
    return _issue(world, request.body, same=True)


def _issue(world: World, given: Any, same: bool) -> dict[str, Any]:
    app_id, secret = given.get("appid", ""), given.get("secret", "")
    if given.get("grant_type") != "client_credential":
        return refusal(40002, False)
    if not app_id or (world.accounts and app_id not in world.accounts):
        return refusal(40013, False)
    if not secret or world.accounts.get(app_id, secret) != secret:
        return refusal(40125, False)
    value, seconds = world.issue(f"{_ACCOUNT}:{app_id}", same)
    return {"access_token": value, "expires_in": seconds}


def custom_send(world: World, request: Request) -> dict[str, Any]:
    """message/custom/send: one person, while the window is open and credits last."""
    body = request.body
    openid, text = str(body.get("touser") or ""), _text(body)
    code = _code(world, request) or _person_code(world, openid)
    if not code and world.credits.get(openid, 1) < 1:
        code = 45015
    if not code and len(text.encode()) > _TEXT:
        code = 45002
    if not code and (body.get("msgtype") != "text" or not text):
        code = 40008 if body.get("msgtype") != "text" else 44004
    if code:
        return refusal(code, False)
    if openid in world.credits:
        world.credits[openid] -= 1
    world.deliver(Arrived("official_account", f"openid:{openid}", text, "text", world.clock()))
    return fine()


def subscribe_bizsend(world: World, request: Request) -> dict[str, Any]:
    """message/subscribe/bizsend: one notice for each acceptance."""
    body = request.body
    openid, template, data = str(body.get("touser") or ""), str(body.get("template_id") or ""), body.get("data") or {}
    code = _code(world, request) or _person_code(world, openid)
    if not code and not template:
        code = 40037
    if not code and not (isinstance(data, dict) and data and all(map(_is_thing, data.values()))):
        code = 47003
    if not code and world.accepts[openid, template] < 1:
        code = 43101
    if code:
        return refusal(code, False)
    world.accepts[openid, template] -= 1
    text = "\n".join(value["value"] for value in data.values())
    receipt = world.number()
    world.deliver(Arrived("official_account", f"openid:{openid}", text, "notice", world.clock(), receipt=receipt))
    return fine(msgid=int(receipt))


def _is_thing(value: Any) -> bool:
    return isinstance(value, dict) and 0 < len(str(value.get("value") or "")) <= _THING


def mass_sendall(world: World, request: Request) -> dict[str, Any]:
    """message/mass/sendall: accepted at once, and only once for each clientmsgid."""
    body = request.body
    whom, key, text = body.get("filter") or {}, str(body.get("clientmsgid") or ""), _text(body)
    code = _code(world, request)
    if not code and not (isinstance(whom, dict) and (whom.get("is_to_all") or isinstance(whom.get("tag_id"), int))):
        code = 40050
    if not code and (body.get("msgtype") != "text" or not text):
        code = 40008 if body.get("msgtype") != "text" else 44004
    if not code and len(key.encode()) > _KEY:
        code = 45067
    if not code and key in world.mass_jobs:
        return refusal(45065, False, msg_id=int(world.mass_jobs[key]))
    if not code and len(text.encode()) > _TEXT:
        code = 45002
    if not code and world.mass_left < 1:
        code = 45028
    if code:
        return refusal(code, False)
    world.mass_left -= 1
    receipt = world.number()
    world.mass_jobs[key or receipt] = receipt
    address = "all" if whom.get("is_to_all") else f"tag:{whom['tag_id']}"
    world.deliver(Arrived("official_account", address, text, "mass", world.clock(), key, receipt))
    return fine(msg_id=int(receipt), msg_data_id=int(receipt))


def mass_get(world: World, request: Request) -> dict[str, Any]:
    """message/mass/get: how a mass send went."""
    code = _code(world, request)
    receipt = str(request.body.get("msg_id") or "")
    if code or receipt not in world.mass_jobs.values():
        return refusal(code or 40059, False)
    return {"msg_id": int(receipt), "msg_status": "SEND_SUCCESS"}


def _code(world: World, request: Request) -> int:
    return world.owner(request.query.get("access_token", ""), _ACCOUNT)[1]


def _person_code(world: World, openid: str) -> int:
    return 40003 if not openid or openid in world.strangers else 0


def _text(body: Any) -> str:
    inner = body.get("text")
    return str(inner.get("content") or "") if isinstance(inner, dict) else ""
