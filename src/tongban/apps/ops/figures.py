"""How every part stands, in numbers: what the page shows, and what the watch calls trouble."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import connection

from tongban.apps.ops.health import examine
from tongban.apps.ops.queries_of_backups import backup_standing
from tongban.apps.ops.rules import OUTBOX_LIMIT, QUEUE_LIMIT, SEALING_LIMIT, TIMER_LIMIT, Trouble
from tongban.base import gauges, jobs
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.kernel.files import service as files
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages
from tongban.kernel.processes import service as processes

__all__ = ["Part", "parts", "troubles_now"]

MOST_COUNTED = 99
FAILED_SIGN_INS = 200
"""In an hour, of all accounts together. A county's thousand officials mistype some dozens on a Monday morning."""
log = structlog.get_logger(__name__)

NAMES = {
    "database": T("数据库", "Database"),
    "worker": T("后台任务", "Background worker"),
    "storage": T("文件存储", "File storage"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the installation: ``state`` is ok, bad or unknown; ``value`` says how it stands in a few words."""

    key: str
    name: T
    state: str
    value: T


def parts() -> list[Part]:
    """Look at everything, the most important first."""
    queue = jobs.figures()
    found = [_service(probe.name, probe.fault) for probe in examine()]
    found += [
        Part(
            "queue",
            T("任务队列", "Job queue"),
            _state(queue.oldest, QUEUE_LIMIT),
            T(
                f"等待 {queue.waiting}，在办 {queue.running}，定好以后办 {queue.scheduled}",
                f"{queue.waiting} waiting, {queue.running} running, {queue.scheduled} scheduled",
            ),
        ),
        _lag("timers", T("到时动作", "Due times"), processes.timer_lag(), TIMER_LIMIT),
        _lag("outbox", T("事件传递", "Events"), gauges.outbox_lag(), OUTBOX_LIMIT),
        _lag("sealing", T("记账封存", "Sealing of the ledger"), ledger.sealing_lag(), SEALING_LIMIT),
        Part(
            "connections",
            T("数据库连接", "Database connections"),
            "ok",
            _connections(),
        ),
        _backup(),
    ]
    return found


def troubles_now() -> list[Trouble]:
    """Return everything that is wrong now. One look that fails takes no other with it."""
    found: list[Trouble] = []
    for look in (_silence, _lags, _incidents, _undone, _copies, _malware, _guessing):
        try:
            found += look()
        except Exception as error:
            log.warning("look failed", look=look.__name__, error=type(error).__name__)
    return found


def _service(name: str, fault: str) -> Part:
    return Part(name, NAMES[name], "bad" if fault else "ok", T(fault))


def _lag(key: str, name: T, seconds: float, limit: float) -> Part:
    value = (
        T("没有积压", "Nothing waits")
        if seconds < 1
        else T(f"最久等了 {_span(seconds).zh}", f"Longest wait {_span(seconds).en}")
    )
    return Part(key, name, _state(seconds, limit), value)


def _state(seconds: float, limit: float) -> str:
    return "bad" if seconds > limit else "ok"


def _span(seconds: float) -> T:
    if seconds < 120:
        return T(f"{seconds:.0f} 秒", f"{seconds:.0f} s")
    if seconds < 7200:
        return T(f"{seconds / 60:.0f} 分钟", f"{seconds / 60:.0f} min")
    return T(f"{seconds / 3600:.0f} 小时", f"{seconds / 3600:.0f} h")


def _connections() -> T:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), current_setting('max_connections') FROM pg_stat_activity WHERE datname = current_database()"
        )
        open_now, allowed = cursor.fetchone()
    return T(f"{open_now} 个，最多 {allowed} 个", f"{open_now} of {allowed}")


def _backup() -> Part:
    standing = backup_standing()
    if standing.age is None:
        value = T("没有做过", "None was made")
    else:
        value = T(f"{_span(standing.age).zh}前", f"{_span(standing.age).en} ago")
    if standing.failed:
        value = T(f"上一次失败了；最近一份是 {value.zh}", f"The last attempt failed; newest copy: {value.en}")
    state = "bad" if standing.is_bad else "unknown" if standing.age is None else "ok"
    return Part("backup", T("最近一次备份", "Last backup"), state, value)


def _copies() -> Iterator[Trouble]:
    if backup_standing().is_bad:
        yield Trouble("backup", "backup")


def _silence() -> Iterator[Trouble]:
    yield from (Trouble(probe.name, probe.name) for probe in examine() if probe.fault)


def _lags() -> Iterator[Trouble]:
    for kind, seconds, limit in (
        ("queue", jobs.figures().oldest, QUEUE_LIMIT),
        ("timers", processes.timer_lag(), TIMER_LIMIT),
        ("outbox", gauges.outbox_lag(), OUTBOX_LIMIT),
        ("sealing", ledger.sealing_lag(), SEALING_LIMIT),
    ):
        if seconds > limit:
            yield Trouble(kind, kind)


def _incidents() -> Iterator[Trouble]:
    for cause, count in processes.causes_of_open_incidents().items():
        yield Trouble("incident", cause[:200], count)


def _malware() -> Iterator[Trouble]:
    """What the scanner found within a day, and whether it answers."""
    found = ledger.count_acts(files.INFECTED, since=now() - timedelta(days=1), most=MOST_COUNTED)
    if found:
        yield Trouble("malware", "malware", found)
    if not files.is_scanner_well():
        yield Trouble("scanner", "scanner")


def _guessing() -> Iterator[Trouble]:
    """Many failed sign-ins within an hour: more than people mistype."""
    since = now() - timedelta(hours=1)
    if ledger.count_acts("identity.fail_sign_in", since=since, most=FAILED_SIGN_INS) == FAILED_SIGN_INS:
        yield Trouble("guessing", "guessing", FAILED_SIGN_INS)


def _undone() -> Iterator[Trouble]:
    for kind, found in (
        ("messages", len(messages.failed_deliveries())),
        ("papers", len(instruments.failed_papers())),
        ("jobs", len(jobs.failed_jobs())),
    ):
        if found:
            yield Trouble(kind, kind, found)
