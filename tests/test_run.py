"""`python -m bot run` as a process: starts without settings, ends cleanly, and says what keeps it from starting."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from bot.run import settings_of


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def start(tmp_path: Path, port: int) -> subprocess.Popen[str]:
    """The command with an environment that holds nothing but a port and a database."""
    environment = {"PATH": os.environ["PATH"], "PORT": str(port), "DATABASE_URL": f"sqlite:///{tmp_path}/bot.sqlite3"}
    command = [sys.executable, "-m", "bot", "run"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_it_starts_without_settings_and_ends_cleanly_on_a_signal(tmp_path: Path) -> None:
    port = free_port()
    with start(tmp_path, port) as process:
        assert process.stdout
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address and address[0] == f"http://127.0.0.1:{port}"
        with urlopen(address[0]) as page:
            assert "睦邻小助手" in page.read().decode()
        process.send_signal(signal.SIGTERM)
        said, trouble = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "再见" in said and trouble == ""


def test_a_busy_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(tmp_path, port)
        said, trouble = process.communicate(timeout=20)
    assert process.returncode == 1 and said == ""
    assert f"端口 {port} 用不了" in trouble and "Traceback" not in trouble


def test_a_database_that_cannot_be_opened_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "bot.sqlite3").mkdir()
    said, trouble = start(tmp_path, free_port()).communicate(timeout=20)
    assert said == ""
    assert "数据库用不了" in trouble and "Traceback" not in trouble


def test_real_accounts_of_the_environment_are_left_alone(tmp_path: Path) -> None:
    real = {"WECHAT_TOKEN": "real", "WECHAT_AES_KEY": "x", "WECOM_CORP_ID": "wwreal", "WECHAT_API_BASE": "https://real"}
    settings = settings_of(real | {"DATABASE_URL": f"sqlite:///{tmp_path}/bot.sqlite3"})
    assert settings.official_account and settings.wecom_app and settings.wecom_aibot
    assert settings.official_account.token != "real" and settings.wecom_app.corp_id != "wwreal"
    assert settings.official_account.mode == "safe"


def test_each_start_has_new_keys_and_still_knows_its_people(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/bot.sqlite3"}
    first, second = settings_of(environment), settings_of(environment)
    assert first.official_account and second.official_account
    assert first.official_account.aes_key != second.official_account.aes_key
    assert first.secret == second.secret
