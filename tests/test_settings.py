"""Settings: every problem in one report, each with the variable and what is expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SettingsError, read_settings
from tests.conftest import environment


def problems(**changes: str) -> list[str]:
    """What is said of an environment with these changes."""
    with pytest.raises(SettingsError) as error:
        read_settings(environment("sqlite:////tmp/x.sqlite3", **changes))
    return error.value.problems


def test_a_complete_environment_is_accepted() -> None:
    settings = read_settings(environment("postgres://u@h/d", PORT="9000"))
    assert settings.port == 9000
    assert settings.database_url == "postgresql+psycopg://u@h/d"
    assert settings.official_account and settings.wecom_app and settings.wecom_aibot


def test_nothing_at_all_is_a_bot_without_accounts() -> None:
    settings = read_settings({})
    assert (settings.official_account, settings.wecom_app, settings.wecom_aibot) == (None, None, None)
    assert settings.database_url.startswith("sqlite:///")


def test_every_problem_is_in_one_report() -> None:
    found = problems(
        WECHAT_AES_KEY="a" * 42, WECOM_AIBOT_TOKEN="", PORT="eighty", BOT_TIMEZONE="Mars/Base", WECOM_AGENT_ID="x"
    )
    assert len(found) == 5
    assert any(line.startswith("WECHAT_AES_KEY 应是 43 位英文字母或数字") and "现在有 42 位" in line for line in found)
    assert any(line.startswith("WECOM_AIBOT_TOKEN 没有设") and "WECOM_AIBOT_AES_KEY" in line for line in found)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"WECHAT_TOKEN": "含中文"}, "WECHAT_TOKEN 应是 3 到 32 位英文字母或数字"),
        ({"WECHAT_TOKEN": ""}, "WECHAT_TOKEN 没有设；公众号回调需要它"),
        ({"WECHAT_APP_ID": "gh_1"}, "WECHAT_APP_ID 应以 wx 开头"),
        ({"WECHAT_APP_ID": ""}, "WECHAT_MODE=compatible 需要同时设 WECHAT_AES_KEY 和 WECHAT_APP_ID"),
        ({"WECHAT_MODE": "open"}, "WECHAT_MODE 只能是 plain、compatible、safe"),
        ({"WECOM_SECRET": ""}, "WECOM_SECRET 没有设；企业微信应用发消息需要它和 WECOM_CORP_ID、WECOM_AGENT_ID 一起设"),
        ({"WECOM_TOKEN": ""}, "WECOM_TOKEN 没有设；企业微信应用收消息需要它和 WECOM_CORP_ID、WECOM_AES_KEY 一起设"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL 应以 sqlite:/// 或 postgresql:// 开头"),
        ({"WECHAT_API_BASE": "api.weixin.qq.com"}, "WECHAT_API_BASE 应是 http:// 或 https:// 开头的地址"),
        ({"BOT_HOME": "/nonexistent"}, "BOT_HOME 指的文件夹里没有 cases.yaml：/nonexistent"),
        ({"BOT_KEEP_DAYS": "0"}, "BOT_KEEP_DAYS 应是 1 到 3650 之间的整数"),
        ({"WECHAT_TOKEN_FILE": "/nonexistent"}, "WECHAT_TOKEN_FILE 指的文件读不了"),
    ],
)
def test_a_problem_says_what_is_expected(changes: dict[str, str], said: str) -> None:
    assert any(said in line for line in problems(**changes))


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("fromfile\n")
    values = environment("sqlite:////tmp/x.sqlite3", WECHAT_TOKEN="", WECHAT_TOKEN_FILE=str(secret))
    account = read_settings(values).official_account
    assert account and account.token == "fromfile"


def test_no_secret_is_printed() -> None:
    settings = read_settings(environment("postgresql://u:pass@h/d"))
    assert "pamtest" not in repr(settings) + repr(settings.official_account)


def test_safe_mode_is_the_default_of_an_account_with_a_key() -> None:
    account = read_settings(environment("sqlite:////tmp/x.sqlite3", WECHAT_MODE="")).official_account
    assert account and account.mode == "safe"
