"""Processes are killed in the middle of a broadcast: nobody gets it twice, and the ledger accounts for everybody."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, func, select

from bot.pretend import PretendApi
from bot.store.engine import migrate, open_database
from scheduler.audiences import Audience, robots
from scheduler.tables import deliveries, slots, ticks, transitions
from tests.conftest import environment
from tests.scheduler import zygote
from tests.scheduler.station import ZONE

GROUPS = 3000
KILLS = 55
LONGEST_LIFE = 0.6
PATIENCE = 150.0


class Processes:
    """Two notice processes; when one is killed another starts."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.scheduler.zygote"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **variables}, cwd=Path(__file__).parent.parent.parent,
        )  # fmt: skip
        self._say()
        self.alive: list[int] = []

    def _say(self) -> str:
        assert self._mother.stdout
        return self._mother.stdout.readline()

    def start(self) -> None:
        assert self._mother.stdin
        self._mother.stdin.write("start\n")
        self._mother.stdin.flush()
        self.alive.append(int(self._say()))

    def kill(self, number: int) -> None:
        self.alive.remove(number)
        os.kill(number, signal.SIGKILL)

    def close(self) -> None:
        for number in list(self.alive):
            self.kill(number)
        assert self._mother.stdin
        self._mother.stdin.close()
        self._mother.wait(10)


@contextmanager
def running(variables: dict[str, str]) -> Iterator[Processes]:
    processes = Processes(variables)
    try:
        yield processes
    finally:
        processes.close()


def test_killed_at_random_moments_nobody_gets_it_twice_and_everybody_is_accounted_for(
    database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(5)
    home = files(tmp_path / "home", GROUPS)
    keys = [f"key-{number:04d}" for number in range(GROUPS)]
    with PretendApi() as api:
        api.delay(0.02)
        variables = environment(
            database_url, BOT_HOME=str(home), WECOM_API_BASE=api.base, WECHAT_API_BASE=api.base, GROUPS=",".join(keys)
        )
        engine = begun(database_url)
        with running(variables) as processes:
            kills = kill_while_there_is_work(engine, processes, chance)
            # Those that still live finish what the dead left.
            wait_until(lambda: still_open(engine) == 0)
        asked = Counter(request.query["key"] for request in api.requests)
        arrived = Counter(one.address for one in api.arrived)
    states = state_of_every_key(engine, keys)

    assert kills >= KILLS
    assert len(states) == GROUPS and set(states.values()) <= {"sent", "unknown"}
    assert max(asked.values()) == 1, "nobody was written to twice"
    assert [key for key, state in states.items() if state == "sent" and arrived[key] != 1] == []
    assert [key for key in arrived if states[key] not in ("sent", "unknown")] == []
    unknown = sum(state == "unknown" for state in states.values())
    assert unknown <= kills * zygote.IN_FLIGHT, "only what was on the wire at a kill"
    assert histories_end_in_the_state(engine)
    reached = sum(arrived[key] for key, state in states.items() if state == "unknown")
    print(f"{kills} kills, {unknown} of {GROUPS} unknown, {reached} of those arrived")
    engine.dispose()


def files(home: Path, groups: int) -> Path:
    """A notice that became due a minute ago, for many groups."""
    (home / "scheduler").mkdir(parents=True)
    (home / "cases.yaml").write_text("cases: []\n")
    due = datetime.fromtimestamp(time.time() - 60, ZONE)
    (home / "scheduler" / "notices.yaml").write_text(
        f"notices:\n  - {{notice: 停水, when: '{due:%Y-%m-%d %H:%M}', until: 1天, urgent: true, to: 各群, text: 今晚停水}}\n",
        "utf-8",
    )
    (home / "scheduler" / "audiences.yaml").write_text(
        'audiences:\n  - {audience: 各群, channel: wecom_group, keys: ["${GROUPS}"]}\n', "utf-8"
    )
    return home


def begun(database_url: str) -> Engine:
    """A ledger that was last looked at an hour ago."""
    engine = open_database(database_url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(ticks.insert().values(id=1, seen=time.time() - 3600))
    return engine


def kill_while_there_is_work(engine: Engine, processes: Processes, chance: random.Random) -> int:
    """Kill one of two processes again and again until all is settled; returns how many died at work."""
    kills = 0
    end = time.time() + PATIENCE
    while still_open(engine) and time.time() < end:
        while len(processes.alive) < 2:
            processes.start()
        time.sleep(chance.uniform(0, LONGEST_LIFE / 2))
        if kills < KILLS:
            processes.kill(chance.choice(processes.alive))
            kills += bool(still_open(engine))
    return kills


def still_open(engine: Engine) -> int:
    """Deliveries that are not settled; before the first plan all of them."""
    with engine.connect() as connection:
        if connection.execute(select(func.count()).select_from(slots)).scalar_one() == 0:
            return GROUPS
        waiting = deliveries.c.state.in_(("planned", "sending"))
        return int(connection.execute(select(func.count()).select_from(deliveries).where(waiting)).scalar_one())


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.time() + PATIENCE
    while not condition():
        assert time.time() < end, "it took too long"
        time.sleep(0.05)


def state_of_every_key(engine: Engine, keys: list[str]) -> dict[str, str]:
    audience = Audience(audience="各群", channel="wecom_group", keys=("${GROUPS}",))
    by_address = robots([audience], {"GROUPS": ",".join(keys)})
    with engine.connect() as connection:
        rows = connection.execute(select(deliveries.c.address, deliveries.c.state)).all()
    return {by_address[row.address]: row.state for row in rows}


def histories_end_in_the_state(engine: Engine) -> bool:
    """Whether every delivery's last transition is the state it is in."""
    last = select(func.max(transitions.c.id)).group_by(transitions.c.delivery)
    found = select(transitions.c.delivery, transitions.c.state).where(transitions.c.id.in_(last))
    with engine.connect() as connection:
        ended = {row.delivery: row.state for row in connection.execute(found)}
        return all(
            ended[row.id] == row.state for row in connection.execute(select(deliveries.c.id, deliveries.c.state))
        )
