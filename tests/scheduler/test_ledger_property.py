"""Whatever happens to the process and the files: nobody gets it twice, no old text goes out, nothing is lost."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from scheduler.quiet import quiet_until
from scheduler.records import cancel, resend
from scheduler.sender import Outcome
from tests.scheduler.conftest import fresh_sqlite
from tests.scheduler.station import SENT, ZONE, Killed, Station

ADDRESSES = ("GROUP_A", "GROUP_B")
UNTIL = timedelta(hours=3)


OUTCOMES: list[Outcome | BaseException] = [
    SENT,
    Outcome("failed", "地址不对", 93000),
    Outcome("unknown", "连接断了"),
    Outcome("retry", "连不上"),
    Outcome("retry", "平台忙", -1),
    Outcome("wait", "太快", 45009),
    Killed(),
]


class Life(RuleBasedStateMachine):
    """A notice process with a careless admin and a bad network."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.engine = fresh_sqlite(self.folder)
        self.station = Station(self.folder / "home", self.engine, "2026-12-03 07:00")
        self.edition, self.hour, self.present = 0, 10, True
        self.called_off: set[int] = set()
        self.attempts: list[tuple[float, str, str, str]] = []
        """When, where, which text went out, and which was in force."""
        self.due: set[tuple[str, str]] = set()
        """Slots and addresses that must be accounted for."""
        self._save()
        self.station.start()
        self.last = self.station.clock.now
        self._watch()

    def _watch(self) -> None:
        send = self.station.group.send

        async def watched(parcels, now):  # type: ignore[no-untyped-def]
            self.attempts += [(now, parcel.address, parcel.text, f"第{self.edition}版") for parcel in parcels]
            return await send(parcels, now)

        self.station.group.send = watched  # type: ignore[method-assign]

    def _save(self) -> None:
        self.station.write(
            f"notice: 操, when: 每天 {self.hour}:00, holiday: 照发, until: 3小时, to: 群, text: 第{self.edition}版"
            if self.present
            else "notice: 别的, when: 每年1月1日 09:00, holiday: 照发, to: 群, text: 别的"
        )

    @rule(minutes=st.integers(1, 60 * 20))
    def time_passes(self, minutes: int) -> None:
        """And then a tick; a long time is a process that was down."""
        self.station.clock.now += minutes * 60
        self._tick()

    @rule(count=st.integers(1, 20))
    def ticks_pass(self, count: int) -> None:
        for _ in range(count):
            self.station.clock.now += 30
            self._tick()

    @rule()
    def the_process_starts_again(self) -> None:
        with contextlib.suppress(Killed):
            self.station.restart()
        self._noted()

    @rule()
    def the_text_is_edited(self) -> None:
        self.edition += 1
        self._save()

    @rule(hour=st.integers(7, 22))
    def it_is_moved(self, hour: int) -> None:
        self.hour = hour
        self._save()

    @rule()
    def it_is_taken_out_or_put_back(self) -> None:
        self.present = not self.present
        self._save()

    @rule(address=st.sampled_from(ADDRESSES), outcomes=st.lists(st.sampled_from(OUTCOMES), max_size=4))
    def the_network_is_bad(self, address: str, outcomes: list[Outcome | BaseException]) -> None:
        self.station.group.answers[address] = list(outcomes)

    @rule()
    def what_did_not_arrive_is_sent_again(self) -> None:
        with self.engine.begin() as connection:
            resend(connection, self.station.board.current, self.station.clock.now, "操")

    @rule()
    def the_next_event_is_called_off(self) -> None:
        if not self.present:
            return
        now = datetime.fromtimestamp(self.station.clock.now, ZONE)
        event = now.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        event += timedelta(days=int(event <= now))
        self.called_off.add(int(event.timestamp()))
        with self.engine.begin() as connection:
            cancel(connection, self.station.board.current, self.station.clock.now, "操", int(event.timestamp()), "")

    def _tick(self) -> None:
        with contextlib.suppress(Killed):
            self.station.tick()
        self._noted()

    def _noted(self) -> None:
        """The slots that passed since the last tick, counted by hand."""
        now = self.station.clock.now
        day = datetime.fromtimestamp(self.last, ZONE).date()
        while self.present and day <= datetime.fromtimestamp(now, ZONE).date():
            due = datetime(day.year, day.month, day.day, self.hour, tzinfo=ZONE)
            if self.last < due.timestamp() <= now:
                self.due |= {(due.isoformat(), f"wecom_group:{address}") for address in ADDRESSES}
            day += timedelta(days=1)
        self.last = now

    @invariant()
    def nobody_gets_it_twice(self) -> None:
        keys = [one.key for one in self.station.group.arrived]
        assert len(keys) == len(set(keys))

    @invariant()
    def no_old_text_goes_out(self) -> None:
        assert all(text == current for _, _, text, current in self.attempts if not text.startswith("【取消通知】"))

    @invariant()
    def nobody_is_woken(self) -> None:
        times = [datetime.fromtimestamp(now, ZONE) for now, _, text, _ in self.attempts if text.startswith("第")]
        assert [time for time in times if quiet_until(time)] == []

    @invariant()
    def everything_is_accounted_for(self) -> None:
        found = [one for one in self.station.records() if one.notice == "操" and self._is_slot(one.at)]
        keys = [(one.at.isoformat(), one.address) for one in found]
        assert len(keys) == len(set(keys))
        assert self.due <= set(keys)
        assert all(
            one.state in ("planned", "sending", "sent", "failed", "unknown", "missed", "cancelled") for one in found
        )
        assert all(one.reason for one in found if one.state not in ("planned", "sending"))

    @staticmethod
    def _is_slot(at: datetime) -> bool:
        return at.minute == 0 and at.second == 0

    @invariant()
    def what_was_sent_was_sent(self) -> None:
        sent = sum(one.state == "sent" for one in self.station.records())
        unknown = sum(one.state in ("unknown", "sending") for one in self.station.records())
        assert sent <= len(self.station.group.arrived) <= sent + unknown

    def teardown(self) -> None:
        self.engine.dispose()
        shutil.rmtree(self.folder)


Life.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
test_any_life = Life.TestCase
