"""The pretend WeCom: token, application messages, group robots."""

from __future__ import annotations

from typing import Any

from bot.pretend.answers import fine, refusal
from bot.pretend.world import Arrived, Request, World

_TEXT, _ROBOT_MARKDOWN = 2048, 4096
_USERS, _GROUPS = 1000, 100
_A_ROBOT, _A_MEMBER = 20, 30


def gettoken(world: World, request: Request) -> dict[str, Any]:
    """The app's token, the same one while it is good."""
    corp, secret = request.query.get("corpid", ""), request.query.get("corpsecret", "")
    if world.apps and corp not in {known for known, _ in world.apps}:
        return refusal(40013, True)
    if not secret or (world.apps and (corp, secret) not in world.apps):
        return refusal(40001, True)
    token, seconds = world.issue(f"wecom:{corp}:{secret}", same=True)
    return fine(access_token=token, expires_in=seconds)


def message_send(world: World, request: Request) -> dict[str, Any]:
    """message/send: everybody who can be reached gets it, the others are named."""
    body = request.body
    owner, code = world.owner(request.query.get("access_token", ""), "wecom")
    code = code or _app_code(world, body, owner)
    if code:
        return refusal(code, True)
    users, parties, tags = (_ids(body, name) for name in ("touser", "toparty", "totag"))
    known = [user for user in users if user.lower() not in _lower(world.strangers | world.unlicensed)]
    lost = {
        "invaliduser": _joined(user for user in users if user.lower() in _lower(world.strangers)),
        "unlicenseduser": _joined(user for user in users if user.lower() in _lower(world.unlicensed)),
    }
    if not known and not parties and not tags:
        return refusal(81013, True, **lost)
    receipt = world.number()
    if not _is_duplicate(world, body):
        addresses = ["all" if user == "@all" else f"user:{user}" for user in known]
        addresses += [f"party:{party}" for party in parties] + [f"tag:{tag}" for tag in tags]
        _deliver(world, body, addresses, receipt)
    return fine(**lost, msgid=receipt)


def _app_code(world: World, body: Any, owner: str) -> int:
    """The code that refuses this body, or 0."""
    agent, kind = body.get("agentid"), body.get("msgtype")
    _, corp, secret = owner.split(":", 2)
    users, parties, tags = (_ids(body, name) for name in ("touser", "toparty", "totag"))
    if agent is None:
        return 41011
    if not isinstance(agent, int) or world.apps.get((corp, secret), agent) != agent:
        return 40056
    if kind not in ("text", "markdown"):
        return 40008
    if not (users or parties or tags) or len(users) > _USERS:
        return 40058
    if len(parties) > _GROUPS:
        return 82002
    if len(tags) > _GROUPS:
        return 82003
    return 0 if _content(body) else 44004


def _deliver(world: World, body: Any, addresses: list[str], receipt: str) -> None:
    # Longer texts are cut, and what is over a member's limit is dropped: both without a word.
    text = _content(body).encode()[:_TEXT].decode(errors="ignore")
    for address in addresses:
        if not world.over("member", address, most=_A_MEMBER):
            world.deliver(Arrived("wecom_app", address, text, body["msgtype"], world.clock(), receipt=receipt))


def _is_duplicate(world: World, body: Any) -> bool:
    if not body.get("enable_duplicate_check"):
        return False
    what = tuple(body.get(name) for name in ("touser", "toparty", "totag")), _content(body)
    last = world.duplicates.get(what, 0.0)
    if world.clock() - last < body.get("duplicate_check_interval", 1800):
        return True
    world.duplicates[what] = world.clock()
    return False


def webhook_send(world: World, request: Request) -> dict[str, Any]:
    """webhook/send: one robot speaks to its group."""
    key, body = request.query.get("key", ""), request.body
    kind = body.get("msgtype", "")
    if not key or "/" in key or (world.robots and key not in world.robots):
        return refusal(93000, True)
    if kind not in ("text", "markdown"):
        return refusal(40008, True)
    text = _content(body)
    if not text:
        return refusal(44004, True)
    if len(text.encode()) > (_TEXT if kind == "text" else _ROBOT_MARKDOWN):
        return refusal(40058, True)
    if world.over("robot", key, most=_A_ROBOT):
        return refusal(45009, True)
    content = body[kind]
    mentions = (*content.get("mentioned_list", ()), *content.get("mentioned_mobile_list", ()))
    world.deliver(Arrived("wecom_group", key, text, kind, world.clock(), mentions=mentions))
    return fine()


def _content(body: Any) -> str:
    inner = body.get(body.get("msgtype"))
    return str(inner.get("content") or "") if isinstance(inner, dict) else ""


def _ids(body: Any, name: str) -> list[str]:
    return [one for one in str(body.get(name) or "").split("|") if one]


def _lower(names: set[str]) -> set[str]:
    return {name.lower() for name in names}


def _joined(names: Any) -> str:
    return "|".join(name.lower() for name in names)
