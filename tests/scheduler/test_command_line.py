"""python -m scheduler, as admins and operators run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from bot.pretend import PretendApi
from bot.settings import HOME
from bot.store.engine import migrate, open_database
from scheduler.__main__ import main
from scheduler.notices import next_event, read_notices
from scheduler.signups import sign_up
from tests.scheduler.station import ZONE

AUDIENCES = 'audiences: [{audience: 群, channel: wecom_group, keys: ["${GROUP_A}"]}]'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files of our own, and a database with tables."""
    (tmp_path / "scheduler").mkdir()
    (tmp_path / "cases.yaml").write_text("cases: []\n")
    (tmp_path / "scheduler" / "audiences.yaml").write_text(AUDIENCES, "utf-8")
    write(tmp_path, "notice: 集市, when: 每周六 09:00, holiday: 照发, to: 群, signup: {capacity: 1}, text: 集市")
    for name in list(os.environ):
        if name.startswith(("WECHAT_", "WECOM_", "BOT_", "DATABASE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("BOT_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bot.sqlite3'}")
    engine = open_database(os.environ["DATABASE_URL"])
    migrate(engine)
    engine.dispose()
    return tmp_path


def write(home: Path, *notices: str) -> None:
    text = "notices:\n" + "".join(f"  - {{{notice}}}\n" for notice in notices)
    (home / "scheduler" / "notices.yaml").write_text(text, "utf-8")


def test_preview_prints_one_object_a_sending(capsys: pytest.CaptureFixture[str]) -> None:
    file = HOME / "scheduler" / "notices.yaml"
    assert main(["preview", "--file", str(file), "--from", "2026-12-01", "--days", "14", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert set(rows[0]) == {"notice", "at", "event", "remind", "moved_from"}
    times = [datetime.fromisoformat(row["at"]) for row in rows]
    assert times == sorted(times)
    assert {"notice": "先锋行动日", "at": "2026-12-09T18:00:00+08:00", "event": "2026-12-10T14:00:00+08:00",
            "remind": "提前1天 18:00", "moved_from": None} in rows  # fmt: skip


def test_preview_for_people_says_the_weekday_and_the_next_six(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert main(["preview", "--from", "2026-12-01", "--days", "7"]) == 0
    shown = capsys.readouterr().out
    assert "2026-12-05（周六）09:00  集市" in shown
    assert shown.count("（周六）09:00") >= 7


def test_a_mistake_ends_with_its_line(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    write(home, "notice: 集市, when: 每周八 09:00, holiday: 照发, to: 群, text: 集市")
    assert main(["preview"]) == 1
    assert "notices.yaml:2: “when”：“每周八 09:00”读不懂" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["preview", "--from", "明天"], ["preview", "--days", "0"], ["cancel", "没有的"]])
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    assert main(arguments) == 1
    said = capsys.readouterr().err.strip()
    assert said and "Traceback" not in said


def test_a_database_without_tables_is_said(
    capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{home / 'empty.sqlite3'}")
    assert main(["ledger"]) == 1
    assert "python -m bot migrate" in capsys.readouterr().err


def test_signups_as_a_table_for_excel(home: Path) -> None:
    (notice,) = read_notices(home / "scheduler" / "notices.yaml").entries
    coming = next_event(notice, datetime.now(ZONE), ZONE)
    assert coming
    engine = open_database(os.environ["DATABASE_URL"])
    with engine.begin() as connection:
        for name in ("王阿姨", "李叔"):
            sign_up(connection, notice, coming.slot, "official_account", name, name, time.time(), name=name)
    engine.dispose()
    command = [sys.executable, "-m", "scheduler", "signups", "集市", "--csv"]
    shown = subprocess.run(command, cwd=HOME, env=dict(os.environ), capture_output=True, check=True).stdout
    assert shown.startswith(b"\xef\xbb\xbf")
    lines = shown.decode("utf-8-sig").splitlines()
    assert [line.split(",")[2:4] for line in lines] == [["状态", "称呼"], ["已报上", "王阿姨"], ["候补", "李叔"]]


def test_a_year_is_rehearsed_and_nothing_leaves_the_machine(
    capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.socket.connect", _no_network)
    assert main(["rehearse", "--from", "2026-01-01", "--days", "365"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("2026-01-03（周六）09:00  集市  已送达  1个地址  wecom_group:GROUP_A")
    assert lines[-1] == "共已送达 52"


def _no_network(*_: object) -> None:
    raise AssertionError("a rehearsal went to the network")


def test_the_process_sends_a_notice_reloads_an_edit_and_stops_when_told(home: Path) -> None:
    with PretendApi() as api:
        variables = {**os.environ, "WECOM_API_BASE": api.base, "WECHAT_API_BASE": api.base, "GROUP_A": "the-key"}
        write(home, "notice: 集市, when: 每年1月1日 09:00, holiday: 照发, to: 群, text: 集市")
        process = subprocess.Popen(
            [sys.executable, "-m", "scheduler"], cwd=HOME, env=variables, stderr=subprocess.PIPE, text=True
        )
        try:
            ledger = Ledger(variables)
            # A slot of a minute ago counts as not seen yet, so nobody has to wait for the next minute.
            wait_for(lambda: ledger.ticked())
            ledger.forget_the_last_hour()
            now = datetime.fromtimestamp(time.time() - 60, ZONE)
            write(home, f"notice: 停水, when: '{now:%Y-%m-%d %H:%M}', until: 1天, urgent: true, to: 群, text: 今晚停水")
            wait_for(lambda: ledger.rows() == [("停水", "wecom_group:GROUP_A", "sent")])
            assert [(one.address, one.text) for one in api.arrived] == [("the-key", "今晚停水")]
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
    assert "the-key" not in (process.stderr.read() if process.stderr else "")


class Ledger:
    """What the command says of the ledger."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = dict(variables)

    def rows(self) -> list[tuple[str, str, str]]:
        command = [sys.executable, "-m", "scheduler", "ledger", "--json"]
        shown = subprocess.run(command, cwd=HOME, env=self.variables, capture_output=True, text=True, check=True).stdout
        found = [json.loads(line) for line in shown.splitlines()]
        assert all(set(row) == {"notice", "at", "address", "state", "reason"} for row in found)
        return [(row["notice"], row["address"], row["state"]) for row in found]

    def ticked(self) -> bool:
        with open_database(self.variables["DATABASE_URL"]).connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM ticks").scalar_one() == 1

    def forget_the_last_hour(self) -> None:
        with open_database(self.variables["DATABASE_URL"]).begin() as connection:
            connection.exec_driver_sql("UPDATE ticks SET seen = seen - 3600")


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)
