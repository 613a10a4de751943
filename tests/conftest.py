"""The built bot for tests: real knowledge, a fresh database, a clock that the test turns."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest

from bot.build import Parts, build, notices_in_force
from bot.knowledge import Library
from bot.settings import HOME, read_settings
from bot.store.engine import migrate, open_database
from scheduler.board import Edition
from tests.chat import Chat
from tests.wechat import AES_KEY, AGENT_ID, APP_ID, CORP_ID, NOW, TOKEN

POSTGRES = "postgresql://postgres@127.0.0.1:5432"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def library() -> Library:
    return Library(HOME)


@pytest.fixture
def one_case(tmp_path: Path) -> Path:
    """A folder of the admin's files with one case and one rule, which is read in no time."""
    home = tmp_path / "one_case"
    (home / "intents").mkdir(parents=True)
    head, first, *_ = (HOME / "cases.yaml").read_text("utf-8").split("\n  - id: ")
    (home / "cases.yaml").write_text(f"{head}\n  - id: {first}\n", "utf-8")
    rule = "intents: [{intent: greeting, keywords: [你好], examples: [你好], reply: 您好。}]"
    (home / "intents" / "greeting.yaml").write_text(rule, "utf-8")
    return home


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The address of PostgreSQL; tests that need it skip without it, except where CI promises it."""
    try:
        psycopg.connect(f"{POSTGRES}/test", connect_timeout=2).close()
    except psycopg.OperationalError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL on 127.0.0.1:5432: {error}")
    return POSTGRES


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of its own, dropped afterwards."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{postgres_server}/test", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{postgres_server}/{name}"
    with psycopg.connect(f"{postgres_server}/test", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each kind of database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    return str(request.getfixturevalue("postgres_url"))


def environment(database_url: str, **changes: str) -> dict[str, str]:
    """All accounts set up; a change to an empty text takes a variable away."""
    values = {
        "DATABASE_URL": database_url,
        "WECHAT_TOKEN": TOKEN,
        "WECHAT_AES_KEY": AES_KEY,
        "WECHAT_APP_ID": APP_ID,
        "WECHAT_MODE": "compatible",
        "WECOM_CORP_ID": CORP_ID,
        "WECOM_AGENT_ID": AGENT_ID,
        "WECOM_SECRET": "app-secret",
        "WECOM_TOKEN": TOKEN,
        "WECOM_AES_KEY": AES_KEY,
        "WECOM_AIBOT_TOKEN": TOKEN,
        "WECOM_AIBOT_AES_KEY": AES_KEY,
        "BOT_SECRET": "pseudonyms",
        **changes,
    }
    return {name: value for name, value in values.items() if value}


@pytest.fixture(scope="session")
def edition() -> Edition:
    """The notices for tests."""
    return notices_in_force(Path(__file__).parent / "home", ZoneInfo("Asia/Shanghai"), lambda: NOW)()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating takes longer than a conversation."""
    file = tmp_path_factory.mktemp("store") / "bot.sqlite3"
    engine = open_database(f"sqlite:///{file}")
    migrate(engine)
    # The last connection to close writes everything into the one file.
    engine.dispose()
    return file


@pytest.fixture
def build_bot(
    tmp_path: Path, clock: Clock, library: Library, edition: Edition, empty_store: Path
) -> Callable[[], Parts]:
    """A function that builds the bot on one SQLite, as often as a test restarts it."""
    file = shutil.copy(empty_store, tmp_path / "bot.sqlite3")
    settings = read_settings(environment(f"sqlite:///{file}"))
    return lambda: build(settings, clock, library, lambda: edition)


@pytest.fixture
def parts(build_bot: Callable[[], Parts]) -> Parts:
    """The bot on a fresh SQLite."""
    return build_bot()


@pytest.fixture
def chat(build_bot: Callable[[], Parts], clock: Clock) -> Chat:
    """Conversations with the bot."""
    return Chat(build_bot, clock)
