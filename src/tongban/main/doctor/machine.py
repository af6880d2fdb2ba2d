"""Looks at this machine: database, disk or bucket, fonts, files with secrets, signing authority."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tongban.base.text import LocalizedText as T
from tongban.main.doctor.findings import FAULT, OK, WARNING, Finding, ok
from tongban.main.environment import Environment

__all__ = [
    "look_at_authority",
    "look_at_database",
    "look_at_disk",
    "look_at_files",
    "look_at_fonts",
    "look_at_secrets",
]

DISK_FAULT, DISK_WARNING = 512 * 2**20, 5 * 2**30
"""Free bytes below which copies and uploads fail soon, or one should think of a larger disk."""
CERTIFICATE_WARNING = timedelta(days=60)
PRIVATE_FILES = 0o077
OLDEST_SERVER = 150000


def look_at_database(environment: Environment) -> Iterator[Finding]:
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
        yield ok("database", f"{kind.zh} PostgreSQL {version}", f"{kind.en} PostgreSQL {version}")


def look_at_disk(environment: Environment) -> Iterator[Finding]:
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


def look_at_files(environment: Environment) -> Iterator[Finding]:
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
        yield ok("files", f"{store} 可读写", f"{store} can be written and read")


def look_at_fonts(environment: Environment) -> Iterator[Finding]:
    from django.conf import settings

    present = [place for place in settings.TONGBAN_FONT_DIRS if any(place.glob("*.[ot]t[fc]"))]
    if present:
        yield ok("fonts", f"{len(present)} 个字体目录", f"{len(present)} directories with fonts")
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


def look_at_secrets(environment: Environment) -> Iterator[Finding]:
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
        yield ok("secrets", "只有本人能读", "readable by their owner only")


def _more(found: list[Path]) -> str:
    return f" and {len(found) - 1} more" if len(found) > 1 else ""


def look_at_authority(environment: Environment) -> Iterator[Finding]:
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
