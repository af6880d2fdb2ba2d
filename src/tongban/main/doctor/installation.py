"""Looks into the database: settings for production, roles, migrations, clocks, worker, calendar, copies, ledger roots."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

from tongban.base.text import LocalizedText as T
from tongban.base.time import today
from tongban.main.doctor.findings import FAULT, OK, WARNING, Finding, ok
from tongban.main.environment import PRODUCTION, Environment

__all__ = [
    "look_at_backup",
    "look_at_calendar",
    "look_at_clocks",
    "look_at_migrations",
    "look_at_production",
    "look_at_roles",
    "look_at_root_file",
    "look_at_worker",
]

SKEW_WARNING, SKEW_FAULT = 2.0, 30.0
"""Seconds between our clock and the database's."""


def look_at_production(environment: Environment) -> Iterator[Finding]:
    address = urlparse(environment.public_url)
    if environment.env != PRODUCTION:
        yield ok("environment", "演示环境，只在本机", "a demo, on this machine only")
        return
    from tongban.main import production

    found = [*production.missing()]
    for line in found:
        yield Finding(
            "environment", FAULT, T(line), T("见文档：正式启用以前", "see: before real people use it")
        )
    if not found:
        yield ok("environment", f"正式环境 {address.geturl()}", f"production at {address.geturl()}")


def look_at_root_file(environment: Environment) -> Iterator[Finding]:
    place = environment.home / "ledger" / "roots"
    if not place.exists():
        yield Finding(
            "ledger roots",
            WARNING,
            T("还没有账本根文件", "there is no file of ledger roots yet"),
            T("第一批封存后会有", "it comes with the first sealed batch"),
        )
        return
    from tongban.kernel.ledger import service as ledger

    last = next(iter(ledger.root_lines(last=1)), "")
    kept = place.read_bytes().rstrip().rsplit(b"\n", 1)[-1].decode() if place.stat().st_size else ""
    if not kept or (last and not _same_or_before(kept, last)):
        yield Finding(
            "ledger roots",
            FAULT,
            T("账本根文件和数据库对不上", "the file of ledger roots contradicts the database"),
            T("运行 tongban ledger verify", "run tongban ledger verify"),
        )
    else:
        yield ok("ledger roots", "和数据库一致", "agree with the database")


def _same_or_before(kept: str, last: str) -> bool:
    """The file may lag behind by what is being sealed now, never be ahead or say something else of the same batch."""
    import json

    old, new = json.loads(kept), json.loads(last)
    return bool(old["number"] < new["number"] or old["head"] == new["head"])


def look_at_migrations(environment: Environment) -> Iterator[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    known = {*executor.loader.disk_migrations}
    newer = sorted(
        f"{app}.{name}" for app, name in executor.loader.applied_migrations if (app, name) not in known
    )
    ours = [each for each in newer if not each.startswith(("auth.", "contenttypes.", "procrastinate."))]
    if ours:
        yield Finding(
            "migrations",
            FAULT,
            T(f"数据库是更新版本的：{ours[0]}", f"the database is of a newer program: {ours[0]}"),
            T("装上那个版本，或恢复备份", "install that version, or restore a copy"),
        )
    elif plan:
        yield Finding(
            "migrations",
            FAULT,
            T(f"有 {len(plan)} 个迁移没做", f"{len(plan)} migrations are waiting"),
            T("备份，然后重启（tongban up 会做）", "make a copy, then restart (tongban up does them)"),
        )
    else:
        yield ok("migrations", "都做了", "all done")


def look_at_roles(environment: Environment) -> Iterator[Finding]:
    from django.db import connection

    from tongban.main import roles
    from tongban.main.database import APP_ROLE

    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        row = cursor.fetchone()
        if row is None:
            yield Finding(
                "roles",
                FAULT,
                T(f"没有角色 {APP_ROLE}", f"there is no role {APP_ROLE}"),
                T("以属主身份运行 tongban migrate", "run tongban migrate as the owner"),
            )
            return
        wrong = []
        for table in roles.append_only_tables():
            cursor.execute(
                "SELECT has_table_privilege(%s, %s, 'UPDATE') OR has_table_privilege(%s, %s, 'DELETE')",
                [APP_ROLE, table, APP_ROLE, table],
            )
            if cursor.fetchone()[0]:
                wrong.append(table)
    if row[0] or wrong:
        what = wrong[0] if wrong else "superuser"
        yield Finding(
            "roles",
            FAULT,
            T(f"{APP_ROLE} 权限太大（{what}）", f"{APP_ROLE} may do too much ({what})"),
            T("运行 tongban migrate，会重新授权", "run tongban migrate: it renews the privileges"),
        )
    else:
        yield ok("roles", "账本只能增加", "the application can only add to the ledger")


def look_at_clocks(environment: Environment) -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
        ours = (before + time.time()) / 2
    skew = abs(theirs - ours)
    level = FAULT if skew > SKEW_FAULT else WARNING if skew > SKEW_WARNING else OK
    advice = T("两边都用 chrony 或 ntp 对时", "set both by chrony or ntp")
    yield Finding(
        "clocks",
        level,
        T(f"和数据库相差 {skew:.1f} 秒", f"{skew:.1f} s apart from the database's"),
        None if level == OK else advice,
    )
    synchronised = Path("/run/systemd/timesync/synchronized")
    if (
        Path("/run/systemd/system").exists()
        and not synchronised.exists()
        and not Path("/run/chrony").exists()
    ):
        yield Finding(
            "clocks",
            WARNING,
            T("没看到对时服务", "nothing seems to set the clock of this machine"),
            T("装上 chrony：法定期限靠它", "install chrony: legal time limits depend on it"),
        )


def look_at_worker(environment: Environment) -> Iterator[Finding]:
    from tongban.apps.ops import service as ops

    for probe in ops.examine():
        if probe.name != "worker":
            continue
        if fault := probe.fault:
            yield Finding(
                "worker",
                FAULT,
                T(f"没有动静：{fault}", f"silent: {fault}"),
                T("看 logs/worker.log；重启 tongban up", "see logs/worker.log; restart tongban up"),
            )
        else:
            yield ok("worker", "在运行", "runs")


def look_at_calendar(environment: Environment) -> Iterator[Finding]:
    from tongban.kernel.calendars import service as calendars

    until, day = calendars.current_calendar().known_until, today()
    advice = T("公布后在 /desk/calendar/import/ 导入", "import the notice at /desk/calendar/import/")
    seen = T(f"放假安排到 {until:%Y-%m-%d}", f"holidays are known until {until:%Y-%m-%d}")
    if until < day:
        yield Finding("calendar", FAULT, seen, advice)
    elif until.year == day.year and day.month == 12:
        yield Finding("calendar", WARNING, seen, advice)
    else:
        yield Finding("calendar", OK, seen)


def look_at_backup(environment: Environment) -> Iterator[Finding]:
    from tongban.apps.ops import service as ops

    standing = ops.backup_standing()
    hours = "-" if standing.age is None else f"{standing.age / 3600:.0f} h"
    seen = T(f"最近一份：{hours}", f"newest good copy: {hours} old")
    if standing.is_bad:
        yield Finding("copies", FAULT, seen, T("tongban backup，并看原因", "run tongban backup and see why"))
    elif not standing.watched:
        yield Finding("copies", WARNING, seen, T("设 TONGBAN_BACKUP_TO", "set TONGBAN_BACKUP_TO"))
    else:
        yield Finding("copies", OK, seen)
