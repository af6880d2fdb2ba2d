"""The doctor: looks at everything an operator must get right, and says of each what to do.

Reads only. A look that fails is a fault of its own and takes no other with it. Looks that need the database are left out when it
does not answer.
"""

from __future__ import annotations

import os
import shutil
import ssl
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlparse

from tongban.base.text import LocalizedText as T
from tongban.base.time import today
from tongban.main.environment import PRODUCTION, Environment

__all__ = ["FAULT", "OK", "WARNING", "Finding", "examine"]

OK, WARNING, FAULT = "ok", "warning", "fault"
DISK_FAULT, DISK_WARNING = 512 * 2**20, 5 * 2**30
"""Free bytes below which copies and uploads fail soon, or one should think of a larger disk."""
SKEW_WARNING, SKEW_FAULT = 2.0, 30.0
"""Seconds between our clock and the database's."""
CERTIFICATE_WARNING = timedelta(days=60)
PRIVATE_FILES = 0o077
OLDEST_SERVER = 150000


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of one thing, and for all but ``ok`` what to do."""

    key: str
    level: str
    seen: T
    advice: T | None = None


Look = Callable[[Environment], Iterator[Finding]]


def examine(environment: Environment) -> list[Finding]:
    """Look at everything. Django is set up."""
    found: list[Finding] = []
    for key, look in LOOKS.items():
        found += _attempt(key, look, environment)
    reachable = not any(each.key == "database" and each.level == FAULT for each in found)
    for key, look in LOOKS_INTO_DATABASE.items() if reachable else ():
        found += _attempt(key, look, environment)
    return found


def _attempt(key: str, look: Look, environment: Environment) -> list[Finding]:
    try:
        return list(look(environment))
    except Exception as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        return [Finding(key, FAULT, T(f"看不了：{said}", f"could not be looked at: {said}"))]


def _ok(key: str, zh: str, en: str) -> Finding:
    return Finding(key, OK, T(zh, en))


# --- without the database --------------------------------------------------------------------------------------------


def _database(environment: Environment) -> Iterator[Finding]:
    from django.db import connection
    from django.db.utils import OperationalError

    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            (version,) = cursor.fetchone()
    except OperationalError as error:
        said = str(error).splitlines()[0]
        yield Finding(
            "database",
            FAULT,
            T(f"连不上：{said}", f"does not answer: {said}"),
            T(
                "先启动（tongban up），或检查 DATABASE_URL",
                "start the program (tongban up), or check DATABASE_URL",
            ),
        )
        return
    kind = T("外部", "external") if environment.database_url else T("内置", "embedded")
    if connection.pg_version < OLDEST_SERVER:  # type: ignore[attr-defined]
        yield Finding(
            "database",
            FAULT,
            T(f"PostgreSQL {version} 太旧", f"PostgreSQL {version} is too old"),
            T("升级到 15 或更新", "move to 15 or later"),
        )
    else:
        yield _ok("database", f"{kind.zh} PostgreSQL {version}", f"{kind.en} PostgreSQL {version}")


def _disk(environment: Environment) -> Iterator[Finding]:
    places = {"disk": environment.home, "disk of copies": environment.backup_to}
    for key, place in places.items():
        if place is None:
            continue
        if not place.exists():
            yield Finding(
                key,
                FAULT,
                T(f"没有 {place}", f"{place} is not there"),
                T("建好目录或挂上硬盘", "make the directory, or mount the disk"),
            )
            continue
        free = shutil.disk_usage(place).free
        level = FAULT if free < DISK_FAULT else WARNING if free < DISK_WARNING else OK
        if not os.access(place, os.W_OK):
            level = FAULT
        seen = T(f"{place} 还剩 {free / 2**30:.1f} GB", f"{place} has {free / 2**30:.1f} GB free")
        advice = T("腾出空间，或换大一点的硬盘", "make room, or take a larger disk")
        yield Finding(key, level, seen, None if level == OK else advice)


def _files(environment: Environment) -> Iterator[Finding]:
    """The bucket, where there is one; ``disk`` looks at the other place."""
    if not environment.files_url:
        return
    from tongban.base.errors import TongbanError
    from tongban.kernel.files import service as files

    store = files.storage()
    try:
        store.probe()
    except (TongbanError, OSError) as error:
        yield Finding(
            "files",
            FAULT,
            T(f"{store} 用不了：{type(error).__name__}", f"{store} cannot be used: {type(error).__name__}"),
            T(
                "检查存储服务、桶、密钥和 TONGBAN_FILES_URL；日志里有详情",
                "check the server, the bucket, the key and TONGBAN_FILES_URL; the log has the rest",
            ),
        )
    else:
        yield _ok("files", f"{store} 可读写", f"{store} can be written and read")


def _fonts(environment: Environment) -> Iterator[Finding]:
    from django.conf import settings

    present = [place for place in settings.TONGBAN_FONT_DIRS if any(place.glob("*.[ot]t[fc]"))]
    if present:
        yield _ok("fonts", f"{len(present)} 个字体目录", f"{len(present)} directories with fonts")
    else:
        yield Finding(
            "fonts",
            FAULT,
            T("没有中文字体，文书里的汉字会是空白", "no Chinese fonts: papers would have blanks"),
            T(
                "装上 fonts-noto-cjk，或设 TONGBAN_FONT_DIRS",
                "install fonts-noto-cjk, or set TONGBAN_FONT_DIRS",
            ),
        )


def _secrets(environment: Environment) -> Iterator[Finding]:
    place = environment.home / "secrets"
    if not place.is_dir():
        yield Finding(
            "secrets",
            WARNING,
            T("还没有密钥", "there are no keys yet"),
            T("第一次启动时会生成", "they are made at the first start"),
        )
        return
    wide = [
        path
        for path in place.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".")  # locks and drafts
        if stat.S_IMODE(path.stat().st_mode) & PRIVATE_FILES
    ]
    if stat.S_IMODE(place.stat().st_mode) & PRIVATE_FILES:
        wide.insert(0, place)
    if wide:
        yield Finding(
            "secrets",
            FAULT,
            T(f"别人也能读：{wide[0]}", f"others can read {wide[0]}" + _more(wide)),
            T(f"chmod -R go= {place}，并考虑更换密钥", f"chmod -R go= {place}, and think of new keys"),
        )
    else:
        yield _ok("secrets", "只有本人能读", "readable by their owner only")


def _more(found: list[Path]) -> str:
    return f" and {len(found) - 1} more" if len(found) > 1 else ""


def _authority(environment: Environment) -> Iterator[Finding]:
    from cryptography import x509

    place = environment.home / "secrets" / "ca"
    certificates = sorted(place.glob("*.pem")) + sorted(place.glob("*.crt"))
    ends = []
    for file in certificates:
        content = file.read_bytes()
        if b"BEGIN CERTIFICATE" in content:
            ends.append((x509.load_pem_x509_certificate(content).not_valid_after_utc, file))
    if not ends:
        yield Finding(
            "authority",
            WARNING,
            T("还没有签名机构", "there is no signing authority yet"),
            T("签第一份文书时会生成", "it is made with the first signature"),
        )
        return
    end, file = min(ends)
    left = end - datetime.now(UTC)
    level = FAULT if left < timedelta(0) else WARNING if left < CERTIFICATE_WARNING else OK
    yield Finding(
        "authority",
        level,
        T(f"{file.name} 到 {end:%Y-%m-%d}", f"{file.name} is valid until {end:%Y-%m-%d}"),
        None
        if level == OK
        else T(
            "把 secrets/ca 另存后移走，下次签名时生成新的",
            "put secrets/ca aside (keep it); the next signature makes a new one",
        ),
    )


def _mail(environment: Environment) -> Iterator[Finding]:
    server = urlparse(environment.smtp_url)
    if not server.hostname:
        level = FAULT if environment.env == PRODUCTION else WARNING
        yield Finding(
            "mail",
            level,
            T("没有邮件服务器，邮件写在 outbox/mail", "no mail server: mail is written to outbox/mail"),
            T("设 TONGBAN_SMTP_URL", "set TONGBAN_SMTP_URL"),
        )
        return
    import socket

    host, port = server.hostname, server.port or (465 if server.scheme == "smtps" else 25)
    try:
        with socket.create_connection((host, port), timeout=5):
            yield _ok("mail", f"{host}:{port} 接得通", f"{host}:{port} answers")
    except OSError as error:
        yield Finding(
            "mail",
            FAULT,
            T(f"{host}:{port} 接不通：{error}", f"{host}:{port} does not answer: {error}"),
            T("检查 TONGBAN_SMTP_URL 和防火墙", "check TONGBAN_SMTP_URL and the firewall"),
        )


def _scanner(environment: Environment) -> Iterator[Finding]:
    from tongban.kernel.files import clamd

    if not environment.clamd:
        level = WARNING if environment.env == PRODUCTION else OK
        yield Finding(
            "scanner",
            level,
            T("没有接病毒查杀", "uploads are not scanned for malware"),
            None if level == OK else T("装好 clamd，设 TONGBAN_CLAMD", "install clamd and set TONGBAN_CLAMD"),
        )
        return
    try:
        version = clamd.ping(environment.clamd)
    except clamd.ScannerAway as away:
        yield Finding(
            "scanner",
            FAULT,
            T(f"{environment.clamd} 没有回应：{away}", f"{environment.clamd} does not answer: {away}"),
            T("启动 clamd，检查 TONGBAN_CLAMD", "start clamd, check TONGBAN_CLAMD"),
        )
    else:
        yield _ok("scanner", version, version)


def _production(environment: Environment) -> Iterator[Finding]:
    address = urlparse(environment.public_url)
    if environment.env != PRODUCTION:
        yield _ok("environment", "演示环境，只在本机", "a demo, on this machine only")
        return
    from tongban.main import production

    found = [*production.missing()]
    for line in found:
        yield Finding(
            "environment", FAULT, T(line), T("见文档：正式启用以前", "see: before real people use it")
        )
    if not found:
        yield _ok("environment", f"正式环境 {address.geturl()}", f"production at {address.geturl()}")


def _root_file(environment: Environment) -> Iterator[Finding]:
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
        yield _ok("ledger roots", "和数据库一致", "agree with the database")


def _same_or_before(kept: str, last: str) -> bool:
    """The file may lag behind by what is being sealed now, never be ahead or say something else of the same batch."""
    import json

    old, new = json.loads(kept), json.loads(last)
    return bool(old["number"] < new["number"] or old["head"] == new["head"])


def _tls(environment: Environment) -> Iterator[Finding]:
    """The certificate that people's browsers see, where the address is https."""
    address = urlparse(environment.public_url)
    if address.scheme != "https" or not address.hostname:
        return
    import socket

    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((address.hostname, address.port or 443), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=address.hostname) as wrapped,
        ):
            end = ssl.cert_time_to_seconds(str((wrapped.getpeercert() or {})["notAfter"]))
    except (OSError, KeyError) as error:
        yield Finding(
            "https",
            WARNING,
            T(
                f"从本机看不到 {address.hostname} 的证书：{error}",
                f"the certificate of {address.hostname} cannot be seen from here: {error}",
            ),
            T("在外面的机器上检查", "look from another machine"),
        )
        return
    days = (end - time.time()) / 86400
    level = FAULT if days < 0 else WARNING if days < 21 else OK
    yield Finding(
        "https",
        level,
        T(f"证书还有 {days:.0f} 天", f"the certificate has {days:.0f} days left"),
        None if level == OK else T("更新证书", "renew it"),
    )


# --- with the database -----------------------------------------------------------------------------------------------


def _migrations(environment: Environment) -> Iterator[Finding]:
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
        yield _ok("migrations", "都做了", "all done")


def _roles(environment: Environment) -> Iterator[Finding]:
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
        yield _ok("roles", "账本只能增加", "the application can only add to the ledger")


def _clocks(environment: Environment) -> Iterator[Finding]:
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


def _worker(environment: Environment) -> Iterator[Finding]:
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
            yield _ok("worker", "在运行", "runs")


def _calendar(environment: Environment) -> Iterator[Finding]:
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


def _backup(environment: Environment) -> Iterator[Finding]:
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


LOOKS: dict[str, Look] = {
    "database": _database,
    "disk": _disk,
    "files": _files,
    "fonts": _fonts,
    "secrets": _secrets,
    "authority": _authority,
    "mail": _mail,
    "scanner": _scanner,
    "https": _tls,
}
LOOKS_INTO_DATABASE: dict[str, Look] = {
    "environment": _production,
    "roles": _roles,
    "migrations": _migrations,
    "clocks": _clocks,
    "worker": _worker,
    "calendar": _calendar,
    "copies": _backup,
    "ledger roots": _root_file,
}
