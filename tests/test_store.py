"""Nothing that was answered is lost or answered twice, whatever happens to the database or to a process."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import func, select, text

from bot.build import Parts, build
from bot.channels import Refused
from bot.knowledge import Library
from bot.message import Message
from bot.privacy import pseudonym
from bot.settings import read_settings
from bot.store.contacts import Contacts, Window
from bot.store.engine import _config, migrate
from bot.store.tables import messages
from scheduler.board import Edition
from tests.conftest import Clock, environment

MENU = Message("official_account", "menu", "openid", text="祥东社区", nonce="1", digest="a")
CHOICE = replace(MENU, key="choice", text="1", nonce="2", digest="b")


@pytest.fixture
def bot(database_url: str, clock: Clock, library: Library, edition: Edition) -> Parts:
    """The bot on each kind of database."""
    parts = build(read_settings(environment(database_url)), clock, library, lambda: edition)
    migrate(parts.engine)
    return parts


def _count(parts: Parts) -> int:
    with parts.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(messages)).scalar_one())


def test_a_message_that_arrives_many_times_at_once_is_settled_once(bot: Parts) -> None:
    for round_ in range(5):
        copies = [replace(MENU, key=f"k{round_}", nonce=f"n{round_}")] * 16
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(bot.desk.serve, copies))) == 1
    assert _count(bot) == 5


def test_many_threads_settle_many_messages(bot: Parts) -> None:
    many = [replace(MENU, key=f"k{number}", nonce=f"n{number}", person=f"p{number % 7}") for number in range(80)]
    with ThreadPoolExecutor(8) as pool:
        first = list(pool.map(bot.desk.serve, many))
    assert _count(bot) == len(many)
    assert [bot.desk.serve(message) for message in many] == first


def test_what_was_erased_is_not_remembered(bot: Parts) -> None:
    bot.desk.serve(MENU)
    bot.desk.serve(replace(MENU, key="erase", text="删除我的记录", nonce="erase"))
    assert "四步法" not in bot.desk.serve(CHOICE)
    with bot.engine.connect() as connection:
        rows = connection.execute(select(messages.c.text, messages.c.memory)).all()
    assert not [row for row in rows if "祥东" in str(row)]


def test_a_nonce_serves_one_body(bot: Parts) -> None:
    first = bot.desk.serve(MENU)
    assert bot.desk.serve(MENU) == first
    with pytest.raises(Refused):
        bot.desk.serve(replace(MENU, key="another", digest="another"))


def test_a_conversation_goes_on_after_postgresql_hung_up(
    postgres_url: str, clock: Clock, library: Library, edition: Edition, caplog: pytest.LogCaptureFixture
) -> None:
    bot = build(read_settings(environment(postgres_url)), clock, library, lambda: edition)
    migrate(bot.engine)
    for person in ("one", "two", "three"):
        assert "1. " in bot.desk.serve(replace(MENU, key=f"menu {person}", nonce=f"m {person}", person=person))
        _hang_up(bot)
        assert "四步法" in bot.desk.serve(replace(CHOICE, key=f"choice {person}", nonce=f"c {person}", person=person))
    assert _count(bot) == 6
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_conversation_goes_on_over_an_upgrade(bot: Parts) -> None:
    bot.desk.serve(MENU)
    command.downgrade(_config(bot.engine), "0003")
    migrate(bot.engine)
    assert "四步法" in bot.desk.serve(CHOICE)


def test_credits_are_counted_on_over_an_upgrade(bot: Parts, clock: Clock) -> None:
    windows = Window(5, 48 * 3600.0), Window(3, 60.0)
    contacts, person = (
        Contacts(bot.engine, MENU.channel, *windows),
        pseudonym(bot.settings.secret, MENU.channel, MENU.person),
    )
    bot.desk.serve(MENU)
    assert [contacts.take(person, clock.now) for _ in range(2)] == ["message"] * 2
    command.downgrade(_config(bot.engine), "0004")
    migrate(bot.engine)
    assert [contacts.take(person, clock.now) for _ in range(4)] == ["message"] * 3 + [None]
    assert contacts.is_open(person, clock.now)


def _hang_up(bot: Parts) -> None:
    with bot.engine.connect() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE {others}"))


def test_it_remembers_again_once_the_database_is_restored(
    parts: Parts, tmp_path: Path, empty_store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parts.desk.serve(MENU)
    file = Path(str(parts.engine.url.database))
    for part in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        part.write_bytes(b"this is no database" * 1000)
    assert parts.desk.serve(replace(MENU, key="lost", nonce="lost"))
    assert "没有记下来" in caplog.text
    for part in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        part.unlink(missing_ok=True)
    shutil.copy(empty_store, file)
    first = parts.desk.serve(replace(MENU, key="kept", nonce="kept"))
    assert "四步法" in parts.desk.serve(CHOICE)
    assert parts.desk.serve(replace(MENU, key="kept", nonce="kept")) == first


def test_a_locked_database_is_used_again_once_it_is_free(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    with parts.engine.begin():
        assert "1. " in parts.desk.serve(MENU)
    assert "没有记下来" in caplog.text
    assert "1. " in parts.desk.serve(MENU)
    assert "四步法" in parts.desk.serve(CHOICE)


def test_a_killed_process_leaves_what_it_answered(build_bot: Callable[[], Parts]) -> None:
    parts = build_bot()
    parts.desk.serve(MENU)
    context = multiprocessing.get_context("fork")
    child = context.Process(target=_answer_and_die, args=(parts,))
    child.start()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL
    assert _count(parts) == 2
    # The child chose from the menu that the parent had shown, and the parent remembers what it chose.
    assert "1万元" in parts.desk.serve(replace(CHOICE, key="asked", text="罚了多少钱", nonce="3"))


def _answer_and_die(parts: Parts) -> None:
    if "四步法" in parts.desk.serve(CHOICE):
        os.kill(os.getpid(), signal.SIGKILL)
