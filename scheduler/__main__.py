"""The command line: python -m scheduler [preview | ledger | resend | cancel | signups | rehearse]; alone, the notice process."""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.office import open_office, read_home_quotas
from bot.settings import HOME, Settings, SettingsError, read_settings, read_zone
from bot.store.engine import is_current, open_database
from scheduler import preview, records
from scheduler.board import Edition, notices_file, read_edition
from scheduler.checks import oversights
from scheduler.notices import next_event, read_notices
from scheduler.rehearse import rehearse
from scheduler.service import serve
from scheduler.when.words import chinese_time
from scheduler.yamlfile import Problems


class Refusal(Exception):
    """Why a command cannot do what was asked, in a sentence."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    try:
        options.run(options)
    except (SettingsError, Refusal) as error:
        print(error, file=sys.stderr)
    except Problems as error:
        print(f"{error}\n共 {len(error.problems)} 处，改好再来。", file=sys.stderr)
    except SQLAlchemyError as error:
        print(
            f"数据库打不开或还没建表（{getattr(error, 'orig', error)}）；请先运行 python -m bot migrate",
            file=sys.stderr,
        )
    else:
        return 0
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scheduler", description="睦邻小助手的通知；不带命令就是通知进程")
    parser.set_defaults(run=_serve)
    commands = parser.add_subparsers(metavar="命令")

    show = _command(commands, "preview", "接下来什么时候发什么通知", _preview)
    show.add_argument("--file", type=Path, help="通知文件，默认 scheduler/notices.yaml")
    _period(show, 60)
    show.add_argument("--json", action="store_true", help="一行一个 JSON")

    ledger = _command(commands, "ledger", "每条通知给每个地址发得怎样", _ledger)
    ledger.add_argument("--notice", help="只看这个通知")
    ledger.add_argument("--json", action="store_true", help="一行一个 JSON")
    ledger.add_argument("--history", action="store_true", help="连同每一步的时间和原因")

    resend = _command(commands, "resend", "补发没发成的", _resend)
    resend.add_argument("notice", help="通知的名字")
    resend.add_argument("--at", help='哪一次，例如 "2026-12-04 18:00"；默认最近一次')
    resend.add_argument("--address", help="只补发给这个地址，写法同 ledger 里的")
    resend.add_argument("--unknown", action="store_true", help="连不确定是否送到的也补发，可能有人收到两次")

    cancel = _command(commands, "cancel", "取消一场活动，并告诉报了名和收到过通知的人", _cancel)
    cancel.add_argument("notice", help="通知的名字")
    cancel.add_argument("--event", help='哪一场，例如 "2026-12-05 14:00"；默认最近一场')
    cancel.add_argument("--reason", default="", help="原因，会写进取消通知")

    signups = _command(commands, "signups", "报名名单", _signups)
    signups.add_argument("notice", help="通知的名字")
    signups.add_argument("--csv", action="store_true", help="表格，Excel 可直接打开")

    rehearsal = _command(commands, "rehearse", "演练：用假时钟和假通道走一遍，什么都不会发出去", _rehearse)
    _period(rehearsal, 365)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    purpose: str,
    run: Callable[[argparse.Namespace], None],
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=purpose, description=purpose)
    command.set_defaults(run=run)
    return command


def _period(command: argparse.ArgumentParser, days: int) -> None:
    command.add_argument("--from", dest="start", metavar="日期", help="从哪天起，例如 2026-12-01；默认今天")
    command.add_argument("--days", type=int, default=days, metavar="天数", help=f"看多少天，默认 {days}")


def _home() -> Path:
    """The admin's files; commands that only read them need no other setting."""
    return Path(os.environ.get("BOT_HOME") or HOME)


def _time(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refusal(f'“{text}”不是日期，请写成 2026-12-01 或 "2026-12-01 18:00"') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _start(options: argparse.Namespace, zone: ZoneInfo) -> datetime:
    today = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if not 0 < options.days <= 3660:
        raise Refusal("--days 请写 1 到 3660 之间的天数")
    return _time(options.start, zone) if options.start else today


def _preview(options: argparse.Namespace) -> None:
    zone = read_zone(os.environ)
    start = _start(options, zone)
    notices = read_notices(options.file or notices_file(_home()))
    timings = [notice.timing for notice in notices.entries]
    end = start + timedelta(days=options.days)
    if options.json:
        for row in preview.rows(timings, start, end, zone):
            print(json.dumps(preview.as_json(row), ensure_ascii=False))
        return
    print(preview.table(timings, start, end, zone))
    for problem in oversights(notices, start, zone):
        print(f"注意：{problem}")
    print("\n每条通知接下来六次：")
    for notice in notices.entries:
        print(f"{notice.notice}（{notice.when.text}）")
        for line in preview.upcoming(notice.timing, start, zone):
            print(f"  {line}")


def _store() -> tuple[Settings, Engine]:
    settings = read_settings(os.environ)
    engine = open_database(settings.database_url)
    if not is_current(engine):
        raise Refusal("数据库还没建表或不是最新，请先运行 python -m bot migrate")
    return settings, engine


def _edition(settings: Settings) -> Edition:
    return read_edition(settings.home, datetime.now(settings.zone), settings.zone)[0]


def _ledger(options: argparse.Namespace) -> None:
    settings, engine = _store()
    with engine.connect() as connection:
        found = records.records(connection, settings.zone, time.time(), options.notice)
        if options.json:
            for record in found:
                print(json.dumps(record.as_json(), ensure_ascii=False))
            return
        lines = preview.aligned([record.cells() for record in found]) if found else ["账本里还没有"]
        for number, line in enumerate(lines):
            print(line)
            if options.history and found:
                for step in records.history(connection, settings.zone, found[number].id):
                    print("    " + "  ".join(step).rstrip())


def _resend(options: argparse.Namespace) -> None:
    settings, engine = _store()
    at = _time(options.at, settings.zone) if options.at else None
    with engine.begin() as connection:
        count = records.resend(
            connection, _edition(settings), time.time(), options.notice, at, options.address, options.unknown
        )
    print(
        f"{count} 条将在通知进程的下一轮补发"
        if count
        else "没有可补发的：不是已送达，就是名字、时间或地址不对，请对照 ledger"
    )


def _cancel(options: argparse.Namespace) -> None:
    settings, engine = _store()
    edition = _edition(settings)
    event = _event(options, edition)
    with engine.begin() as connection:
        told = records.cancel(connection, edition, time.time(), options.notice, int(event.timestamp()), options.reason)
    if told is None:
        raise Refusal(f"{chinese_time(event)} 的“{options.notice}”早就取消了")
    print(f"{chinese_time(event)} 的“{options.notice}”已取消，{told} 个地址会收到取消通知")


def _event(options: argparse.Namespace, edition: Edition) -> datetime:
    """The event the options name: an event of the rule now, or one that people signed up for."""
    notice = edition.notices.get(options.notice)
    if options.event:
        return _time(options.event, ZoneInfo(str(edition.zone)))
    coming = next_event(notice, datetime.now(edition.zone), edition.zone) if notice else None
    if not coming:
        raise Refusal(f"没有“{options.notice}”这个通知，或它没有下一场；名字要和 notices.yaml 里的一样")
    return coming.slot.event


def _signups(options: argparse.Namespace) -> None:
    settings, engine = _store()
    with engine.connect() as connection:
        found = records.participants(connection, settings.zone, options.notice)
        lost = records.orphans(connection, _edition(settings), time.time())
    for notice, event, seats in lost:
        when = chinese_time(datetime.fromtimestamp(event, settings.zone))
        print(f"注意：{seats} 个名额报在 {when} 的“{notice}”，现在没有这一场了；请用 cancel 通知他们", file=sys.stderr)
    lines = records.csv_lines(found)
    if options.csv:
        # Excel takes a file for Chinese only when it begins with this mark.
        sys.stdout.reconfigure(encoding="utf-8-sig", newline="")  # type: ignore[union-attr]
        csv.writer(sys.stdout).writerows(lines)
    else:
        print("\n".join(preview.aligned(lines)) if found else "还没有人报名")


def _rehearse(options: argparse.Namespace) -> None:
    zone, home = read_zone(os.environ), _home()
    start = _start(options, zone)
    logging.getLogger().setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/rehearsal.sqlite3")
        lines = asyncio.run(rehearse(home, os.environ, engine, read_home_quotas(home), zone, start, options.days))
        engine.dispose()
    print("\n".join(lines))


def _serve(options: argparse.Namespace) -> None:
    settings, engine = _store()
    asyncio.run(_run(settings, engine))


async def _run(settings: Settings, engine: Engine) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with open_office(settings, engine, os.environ) as office:
        logging.info("通知进程已启动，共 %d 条通知", len(office.board.current.notices))
        await serve(office, stop)


if __name__ == "__main__":
    sys.exit(main())
