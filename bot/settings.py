"""Settings: read once from the environment, validated together, every problem in one report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOME = Path(__file__).parent.parent
"""Where cases.yaml, intents/ and scheduler/*.yaml are unless BOT_HOME says otherwise."""


class SettingsError(ValueError):
    """What is wrong with the environment, all of it at once."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("设置有问题，请改好再启动：\n" + "\n".join(f"  {problem}" for problem in problems))


@dataclass(frozen=True)
class NoticeTemplate:
    """The template of subscription notices (订阅通知), and which of our words each of its fields shows."""

    id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, repr=False)
class OfficialAccount:
    """A 公众号: token of the callback, and the key and appid when messages are encrypted."""

    token: str
    aes_key: str
    app_id: str
    app_secret: str
    mode: str
    """plain, compatible or safe, as set in the console of the account."""
    template: NoticeTemplate | None = None


@dataclass(frozen=True, repr=False)
class WecomApp:
    """A self-built app of one enterprise."""

    corp_id: str
    agent_id: str
    secret: str
    token: str
    aes_key: str
    duty: str
    """The userid that is told when somebody asks for a person; empty when nobody is."""


@dataclass(frozen=True, repr=False)
class WecomAibot:
    """A 智能机器人 with a callback."""

    token: str
    aes_key: str
    name: str
    """What it is called in groups, where people write @name."""


@dataclass(frozen=True, repr=False)
class Settings:
    """Everything the environment decides. Never printed: it holds secrets."""

    home: Path
    port: int
    host: str
    workers: int
    database_url: str
    zone: ZoneInfo
    secret: str
    """Keys the hash under which openids are stored."""
    admin_password: str
    keep_days: int
    """Days a stored message is kept."""
    memory_minutes: int
    """Minutes after which a conversation is forgotten."""
    window_seconds: int
    """How far a callback's timestamp may be from our clock."""
    official_account: OfficialAccount | None
    wecom_app: WecomApp | None
    wecom_aibot: WecomAibot | None
    wechat_api_base: str
    wecom_api_base: str


class _Reader:
    """Takes variables from the environment and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """The variable, or the content of the file that NAME_FILE names."""
        path = self.environment.get(f"{name}_FILE", "")
        if not path:
            return self.environment.get(name, "").strip() or default
        if self.environment.get(name):
            self.problems.append(f"{name} 和 {name}_FILE 只能设一个")
        try:
            return Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}_FILE 指的文件读不了（{type(error).__name__}）：{path}")
            return default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            self.problems.append(f"{name} 应是 {low} 到 {high} 之间的整数，现在是“{text}”")
            return default
        return int(text)

    def token(self, name: str) -> str:
        token = self.text(name)
        if token and not re.fullmatch(r"[A-Za-z0-9]{3,32}", token):
            self.problems.append(f"{name} 应是 3 到 32 位英文字母或数字，现在有 {len(token)} 位或含别的字符")
        return token

    def aes_key(self, name: str) -> str:
        key = self.text(name)
        if key and not re.fullmatch(r"[A-Za-z0-9]{43}", key):
            self.problems.append(
                f"{name} 应是 43 位英文字母或数字（后台“EncodingAESKey”），现在有 {len(key)} 位或含别的字符"
            )
        return key

    def together(self, purpose: str, **values: str) -> bool:
        """True when all are set; a problem for each missing one when only some are."""
        missing = [name for name, value in values.items() if not value]
        if missing and len(missing) < len(values):
            given = "、".join(name for name in values if name not in missing)
            self.problems += [f"{name} 没有设；{purpose}需要它和 {given} 一起设" for name in missing]
        return not missing

    def choice(self, name: str, default: str, options: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in options:
            self.problems.append(f"{name} 只能是 {'、'.join(options)}，现在是“{value}”")
            return default
        return value

    def base(self, name: str, default: str) -> str:
        url = self.text(name, default)
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", url):
            self.problems.append(f"{name} 应是 http:// 或 https:// 开头的地址")
        return url.rstrip("/")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of this environment; raises SettingsError with every problem."""
    reader = _Reader(environment)
    home = Path(reader.text("BOT_HOME", str(HOME)))
    official, app, aibot = _official_account(reader), _wecom_app(reader), _wecom_aibot(reader)
    settings = Settings(
        home=home,
        port=reader.number("PORT", 8000, 1, 65535),
        host=reader.text("HOST", "0.0.0.0"),
        workers=reader.number("WEB_CONCURRENCY", 2, 1, 64),
        database_url=_database_url(reader, home),
        zone=_zone(reader),
        secret=reader.text("BOT_SECRET") or _derived_secret(official, app, aibot),
        admin_password=reader.text("ADMIN_PASSWORD"),
        keep_days=reader.number("BOT_KEEP_DAYS", 30, 1, 3650),
        memory_minutes=reader.number("BOT_MEMORY_MINUTES", 180, 1, 1440),
        window_seconds=reader.number("BOT_CALLBACK_WINDOW", 300, 10, 86400),
        official_account=official,
        wecom_app=app,
        wecom_aibot=aibot,
        wechat_api_base=reader.base("WECHAT_API_BASE", "https://api.weixin.qq.com"),
        wecom_api_base=reader.base("WECOM_API_BASE", "https://qyapi.weixin.qq.com"),
    )
    if not (home / "cases.yaml").exists():
        reader.problems.append(f"BOT_HOME 指的文件夹里没有 cases.yaml：{home}")
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


def _official_account(reader: _Reader) -> OfficialAccount | None:
    token, key = reader.token("WECHAT_TOKEN"), reader.aes_key("WECHAT_AES_KEY")
    app_id, secret = reader.text("WECHAT_APP_ID"), reader.text("WECHAT_APP_SECRET")
    mode = reader.choice("WECHAT_MODE", "safe" if key else "plain", ("plain", "compatible", "safe"))
    if app_id and not re.fullmatch(r"wx[0-9a-zA-Z]{4,30}", app_id):
        reader.problems.append("WECHAT_APP_ID 应以 wx 开头，例如 wxb11529c136998cb6")
    if (key or app_id or secret) and not token:
        reader.problems.append("WECHAT_TOKEN 没有设；公众号回调需要它")
    if mode != "plain" and not (key and app_id):
        reader.problems.append(f"WECHAT_MODE={mode} 需要同时设 WECHAT_AES_KEY 和 WECHAT_APP_ID")
    if secret and not app_id:
        reader.problems.append("WECHAT_APP_ID 没有设；WECHAT_APP_SECRET 需要它")
    return OfficialAccount(token, key, app_id, secret, mode, _notice_template(reader)) if token else None


def _notice_template(reader: _Reader) -> NoticeTemplate | None:
    number = reader.text("WECHAT_TEMPLATE_ID")
    text = reader.text("WECHAT_TEMPLATE_FIELDS", "thing1=标题,thing2=正文")
    # A `thing` takes any words; the other kinds of fields hold figures, times and names that a notice does not have.
    if not re.fullmatch(r"thing\d+=(标题|正文)(,thing\d+=(标题|正文))*", text):
        reader.problems.append(f"WECHAT_TEMPLATE_FIELDS 应像 thing1=标题,thing2=正文，现在是“{text}”")
        return None
    return NoticeTemplate(number, dict(pair.split("=") for pair in text.split(","))) if number else None


def _wecom_app(reader: _Reader) -> WecomApp | None:
    corp, token, key = reader.text("WECOM_CORP_ID"), reader.token("WECOM_TOKEN"), reader.aes_key("WECOM_AES_KEY")
    agent, secret = reader.text("WECOM_AGENT_ID"), reader.text("WECOM_SECRET")
    if agent and not agent.isdigit():
        reader.problems.append(f"WECOM_AGENT_ID 应是一个整数，现在是“{agent}”")
    if token or key:
        reader.together("企业微信应用收消息", WECOM_CORP_ID=corp, WECOM_TOKEN=token, WECOM_AES_KEY=key)
    if agent or secret or not (token or key):
        reader.together("企业微信应用发消息", WECOM_CORP_ID=corp, WECOM_AGENT_ID=agent, WECOM_SECRET=secret)
    if not corp:
        return None
    return WecomApp(corp, agent, secret, token, key, reader.text("WECOM_DUTY_USER"))


def _wecom_aibot(reader: _Reader) -> WecomAibot | None:
    token, key = reader.token("WECOM_AIBOT_TOKEN"), reader.aes_key("WECOM_AIBOT_AES_KEY")
    complete = reader.together("企业微信智能机器人", WECOM_AIBOT_TOKEN=token, WECOM_AIBOT_AES_KEY=key)
    name = reader.text("WECOM_AIBOT_NAME", "睦邻小助手")
    return WecomAibot(token, key, name) if complete else None


def _database_url(reader: _Reader, home: Path) -> str:
    url = reader.text("DATABASE_URL", f"sqlite:///{home / 'data' / 'bot.sqlite3'}")
    # Hosting platforms hand out postgres:// and postgresql://; both mean our one driver.
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        reader.problems.append("DATABASE_URL 应以 sqlite:/// 或 postgresql:// 开头")
    return url


def read_zone(environment: Mapping[str, str]) -> ZoneInfo:
    """The zone alone, for commands that need no other setting; raises SettingsError."""
    reader = _Reader(environment)
    zone = _zone(reader)
    if reader.problems:
        raise SettingsError(reader.problems)
    return zone


def _zone(reader: _Reader) -> ZoneInfo:
    name = reader.text("BOT_TIMEZONE", "Asia/Shanghai")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        reader.problems.append(f"BOT_TIMEZONE 应是时区名，例如 Asia/Shanghai，现在是“{name}”")
        return ZoneInfo("Asia/Shanghai")


def _derived_secret(*accounts: OfficialAccount | WecomApp | WecomAibot | None) -> str:
    """Without BOT_SECRET the callback tokens key the hashes: known to the operator only, and stable."""
    return "|".join(f"{account.token}{account.aes_key}" for account in accounts if account)
