"""Every documented code, answered by the pretend API, leads to its state and its sentence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.pretend import PretendApi
from bot.senders.errors import MASS, OFFICIAL_ACCOUNT, OFFICIAL_ACCOUNT_TOKEN, WECOM_APP, WECOM_GROUP
from tests.conftest import Clock
from tests.senders.conftest import Office, parcel

TABLE: dict[str, dict[int, dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "codes.yaml").read_text("utf-8"))

WHERE = {
    "official_account": ("official_account", "openid:o-met", "message/custom/send"),
    "mass": ("official_account", "tag:101", "message/mass/sendall"),
    "official_account_token": ("official_account", "tag:101", "stable_token"),
    "wecom_app": ("wecom_app", "user:zhang", "message/send"),
    "wecom_app_token": ("wecom_app", "user:zhang", "gettoken"),
    "wecom_group": ("wecom_group", "GROUP_A", "webhook/send"),
}
ROWS = [(table, code, row) for table, rows in TABLE.items() for code, row in rows.items()]


@pytest.mark.parametrize(("table", "code", "row"), ROWS, ids=[f"{table}-{code}" for table, code, _ in ROWS])
def test_a_code_leads_to_its_state_and_sentence(
    office: Office, api: PretendApi, clock: Clock, table: str, code: int, row: dict[str, Any]
) -> None:
    channel, address, path = WHERE[table]
    office = Office(office.settings.database_url, api.base, clock, WECHAT_TEMPLATE_ID="")
    office.meet("o-met")
    api.answer(code, path, times=None)
    (outcome,) = office.send(channel, parcel(address))
    assert (outcome.state, outcome.code) == (row["state"], code)
    for words in row["says"]:
        assert words in outcome.reason
    assert "{" not in outcome.reason
    if outcome.state == "wait":
        assert outcome.until == (midnight(clock.now) if row["wait"] == "midnight" else clock.now + row["wait"])
    assert not api.arrived


def test_the_table_has_every_code_that_the_senders_know() -> None:
    assert set(OFFICIAL_ACCOUNT) == set(TABLE["official_account"])
    assert set(MASS) == set(TABLE["official_account"]) | set(TABLE["mass"])
    assert set(OFFICIAL_ACCOUNT_TOKEN) - {45011, 48001, 61004} == set(TABLE["official_account_token"]) - {45065}
    assert set(WECOM_APP) == set(TABLE["wecom_app"])
    assert set(WECOM_GROUP) - {45002, 45033} == set(TABLE["wecom_group"])


def test_an_unknown_code_names_the_number_for_the_platforms_support(office: Office, api: PretendApi) -> None:
    office.meet("o-met")
    api.answer(99999, "message/custom/send")
    (outcome,) = office.send("official_account", parcel("openid:o-met"))
    assert "5f3a2b1c-0d4e5f60-12345678" in outcome.reason
    api.answer(99999, "message/send")
    (outcome,) = office.send("wecom_app", parcel("user:zhang"))
    assert "1700000000123456789" in outcome.reason


def midnight(now: float) -> float:
    """The next midnight in Beijing, which has had no summer time since 1991."""
    day = int(now + 8 * 3600) // 86400
    moment = (day + 1) * 86400 - 8 * 3600
    assert datetime.fromtimestamp(moment, ZoneInfo("Asia/Shanghai")).hour == 0
    return float(moment)
