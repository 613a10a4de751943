"""Audiences: named addresses, read from audiences.yaml."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from scheduler.yamlfile import Document, Entry, read

ChannelName = Literal["wecom_group", "wecom_app", "official_account"]

_FIELDS: dict[str, tuple[str, ...]] = {
    "wecom_group": ("keys",),
    "wecom_app": ("users", "parties", "tags", "topic", "all"),
    "official_account": ("topic", "tag", "all"),
}
"""What says where to, for each channel."""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_URL = re.compile(r"https?://\S+[?&]key=\S+")


class Audience(Entry):
    """Named addresses in one channel."""

    audience: str
    channel: ChannelName
    keys: tuple[str, ...] = ()
    """Robots of groups: `${NAME}` of an environment variable that holds the key or URL, or a whole URL."""
    users: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    topic: str = ""
    """The people who subscribed to it."""
    tag: str = ""
    all: bool = False

    @model_validator(mode="after")
    def _fields_fit_the_channel(self) -> Audience:
        fits = _FIELDS[self.channel]
        given = [name for names in _FIELDS.values() for name in names if getattr(self, name)]
        if wrong := [name for name in dict.fromkeys(given) if name not in fits]:
            raise ValueError(f"{self.channel} 没有“{'、'.join(wrong)}”，可用的有：{'、'.join(fits)}")
        if not given:
            raise ValueError(f"没有写发给谁，{self.channel} 要写：{'、'.join(fits)}")
        for key in self.keys:
            if not (_VARIABLE.fullmatch(key) or _URL.fullmatch(key)):
                # The text itself is not repeated: it may be a key.
                raise ValueError("keys 里写 ${环境变量名}，例如 ${GROUP_A}，变量里放机器人的 key 或整个地址")
        return self


def read_audiences(path: Path, name: str | None = None) -> Document[Audience]:
    """The audiences of this file; raises Problems."""
    return read(path, "audiences", Audience, name)


def person_address(channel: str, person: str) -> tuple[str, str]:
    """Channel and address by which one person is reached who wrote to us in this channel."""
    if channel == "official_account":
        return channel, f"openid:{person}"
    # The AI bot cannot write first; its people are the members that the app can write to.
    return "wecom_app", f"user:{person}"


def robots(audiences: Iterable[Audience], environment: Mapping[str, str]) -> dict[str, str]:
    """Address and secret of every robot; the secret is empty when its variable is not set."""
    keys = [key for audience in audiences for key in audience.keys]
    return {address: secret for key in keys for address, secret in _robots_of(key, environment)}


def addresses(audience: Audience, environment: Mapping[str, str]) -> list[str]:
    """Where to send for this audience, without secrets; the subscribers of a topic are not in the file."""
    found = [address for key in audience.keys for address, _ in _robots_of(key, environment)]
    for kind, ids in (("user", audience.users), ("party", audience.parties), ("tag", audience.tags)):
        found += [f"{kind}:{one}" for one in ids]
    if audience.tag:
        found.append(f"tag:{audience.tag}")
    if audience.all or "user:@all" in found:
        found = ["all"]
    return list(dict.fromkeys(found))


def _robots_of(key: str, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    variable = _VARIABLE.fullmatch(key)
    if not variable:
        return [(f"robot#{_mark(key)}", key)]
    name = variable[1]
    secrets = re.split(r"[\s,]+", _value(name, environment))
    if len(secrets) == 1:
        return [(name, secrets[0])]
    # By its content and not its place: a line added above must not make every group a new one.
    return [(f"{name}#{_mark(secret)}", secret) for secret in secrets]


def _value(name: str, environment: Mapping[str, str]) -> str:
    """The variable, or the content of the file that NAME_FILE names; empty when neither can be read."""
    path = environment.get(f"{name}_FILE", "")
    if not path:
        return environment.get(name, "").strip()
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _mark(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:8]
