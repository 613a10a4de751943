"""The command line: python -m bot ask | check | run | serve | migrate | evaluate | invite | handovers | unanswered."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.settings import HOME, Settings, SettingsError, read_settings, read_zone
from scheduler.yamlfile import Problems


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    try:
        return int(options.run(options) or 0)
    except SettingsError as error:
        print(error, file=sys.stderr)
    except Problems as error:
        print(f"{error}\n共 {len(error.problems)} 处，改好再来。", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="睦邻小助手")
    commands = parser.add_subparsers(required=True, metavar="命令")

    ask = _command(commands, "ask", "问一句，看怎么答、为什么", _ask)
    ask.add_argument("question", nargs="?", help="要问的话")
    ask.add_argument("--role", choices=("resident", "worker"), default="resident", help="身份，默认居民")
    ask.add_argument("--group", action="store_true", help="当作群里的发言")
    ask.add_argument("--jsonl", action="store_true", help="从标准输入逐行读 JSON，逐行答 JSON")

    check = _command(commands, "check", "检查所有 YAML", _check)
    check.add_argument("files", nargs="*", type=Path, help="只检查这些文件")

    _command(commands, "run", "不用任何设置，在本机打开聊天页试用", _run)
    _command(commands, "serve", "启动回调服务", _serve)
    _command(commands, "migrate", "建表或升级表", _migrate)

    evaluate = _command(commands, "evaluate", "用问题集打分", _evaluate)
    evaluate.add_argument("files", nargs="*", type=Path, help="问题文件，默认 ../shared/questions")

    invite = _command(commands, "invite", "发一个社工邀请码", _invite)
    invite.add_argument("--days", type=int, default=7, help="有效天数")
    invite.add_argument("--uses", type=int, default=1, help="可用次数")

    handovers = _command(commands, "handovers", "列出等人工处理的登记", _handovers)
    handovers.add_argument("--done", type=int, metavar="编号", help="把这一条标为已处理")

    unanswered = _command(commands, "unanswered", "列出答不上的问题，问得多的在前", _unanswered)
    unanswered.add_argument("--days", type=int, default=30, help="最近几天，默认 30")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    purpose: str,
    run: Callable[[argparse.Namespace], int | None],
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=purpose, description=purpose)
    command.set_defaults(run=run)
    return command


def _home() -> Path:
    """The admin's files; commands that only read them need no other setting."""
    return Path(os.environ.get("BOT_HOME") or HOME)


def _settings() -> Settings:
    return read_settings(os.environ)


def _ask(options: argparse.Namespace) -> int:
    logging.getLogger().setLevel(logging.WARNING)
    from bot.ask import ask_lines, ask_once

    zone = read_zone(os.environ)
    if options.jsonl:
        ask_lines(_home(), sys.stdin.buffer, sys.stdout, zone)
        return 0
    if not options.question:
        print('请写上要问的话，例如：python -m bot ask "小区停车难怎么办"', file=sys.stderr)
        return 2
    print(ask_once(_home(), options.question, options.role, options.group, zone))
    return 0


def _check(options: argparse.Namespace) -> int:
    from bot.check import check, overdue

    found = check(_home(), options.files)
    for problem in found:
        print(problem)
    for answer in overdue(_home(), datetime.now(read_zone(os.environ)).date()):
        print(f"（待核对）{answer}")
    print(f"共 {len(found)} 处要改" if found else "全部通过")
    return 1 if found else 0


def _run(options: argparse.Namespace) -> int:
    # The window belongs to whoever tries the bot: only trouble, and whether a saved change was taken.
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("bot.knowledge").setLevel(logging.INFO)
    from bot.run import run

    return run(os.environ)


def _serve(options: argparse.Namespace) -> int:
    from bot.server import serve

    return serve(_settings())


def _migrate(options: argparse.Namespace) -> None:
    from bot.store.engine import migrate, open_database

    migrate(open_database(_settings().database_url))
    print("表已是最新")


def _evaluate(options: argparse.Namespace) -> None:
    logging.getLogger().setLevel(logging.WARNING)
    from bot.evaluate import evaluate

    print(evaluate(_home(), options.files))


def _invite(options: argparse.Namespace) -> None:
    import time

    from bot.store.engine import open_database
    from bot.store.people import make_invite

    code = make_invite(open_database(_settings().database_url), time.time(), options.days, options.uses)
    print(f"邀请码 {code}，{options.days} 天内可用 {options.uses} 次。请社工在公众号里发：我是社工 {code}")


def _handovers(options: argparse.Namespace) -> None:
    import time

    from bot.store.engine import open_database
    from bot.store.people import close_handover, open_handovers

    engine = open_database(_settings().database_url)
    if options.done is not None:
        print("已标为处理完" if close_handover(engine, options.done, time.time()) else "没有这个编号，或已处理过")
        return
    for line in open_handovers(engine, _settings().zone):
        print(line)


def _unanswered(options: argparse.Namespace) -> None:
    import time

    from bot.store.engine import open_database
    from bot.store.people import unanswered

    settings = _settings()
    for line in unanswered(open_database(settings.database_url), settings.zone, time.time() - options.days * 86400):
        print(line)


if __name__ == "__main__":
    sys.exit(main())
