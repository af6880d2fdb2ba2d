"""The environment variables of an installation, read once. Every one of them stands in docs/reference/settings.md."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path

from tongban.base.datakeys import ALGORITHMS, read_keys
from tongban.base.stores import ObjectStore

__all__ = ["DEMO", "PRODUCTION", "ROOT", "Environment", "is_loopback", "read"]

DEMO, PRODUCTION = "demo", "production"
_CHECKOUT = Path(__file__).resolve().parents[3]
_CONTENT = Path(__file__).resolve().parents[1] / "content"
ROOT = _CONTENT if _CONTENT.is_dir() else _CHECKOUT
"""Where ``packs`` lie: the checkout, or, when the program was installed as a wheel, what that brought along."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What the operator decided: where the data lives, where to listen, which database, demo or production."""

    env: str
    home: Path
    local: Path
    host: str
    port: int
    database_url: str
    database_app_url: str
    database_direct_url: str
    database_replica_url: str
    database_role: str
    public_url: str
    smtp_url: str
    files_url: str
    files_key: tuple[str, str]
    metrics_token: str
    secret_key: str
    blind_key: str
    data_keys: dict[int, str]
    cipher: str
    digest: str
    reads_kept_years: int
    debug: bool
    web_workers: int
    worker_concurrency: int
    demo_past: bool
    payment_providers: tuple[str, ...]
    backup_to: Path | None
    backup_at: tuple[int, int]
    backup_keep: int
    backup_max_age_hours: int
    backup_passphrase_file: Path | None
    trusted_proxies: tuple[str, ...]
    requests_per_minute: int
    letters_per_quarter: int
    page_seconds: int
    security_contact: str
    clamd: str
    clamd_when_down: str


def read(variables: Mapping[str, str] | None = None) -> Environment:
    """Read the variables (those of the process by default). Raises ValueError with the name of a wrong one."""
    values = os.environ if variables is None else variables
    env = values.get("TONGBAN_ENV") or DEMO
    if env not in {DEMO, PRODUCTION}:
        raise ValueError(f"TONGBAN_ENV is {env!r}: it must be {DEMO} or {PRODUCTION}")
    host = values.get("TONGBAN_HOST") or "127.0.0.1"
    port = _number(values, "TONGBAN_PORT", 8000)
    shown = f"[{host}]" if ":" in host else host
    home = Path(values.get("TONGBAN_HOME") or _default_home()).absolute()
    return Environment(
        env=env,
        home=home,
        local=_path(values, "TONGBAN_LOCAL") or home,
        host=host,
        port=port,
        database_url=values.get("DATABASE_URL", ""),
        database_app_url=values.get("DATABASE_APP_URL", ""),
        database_direct_url=values.get("DATABASE_DIRECT_URL", ""),
        database_replica_url=values.get("DATABASE_REPLICA_URL", ""),
        database_role=values.get("TONGBAN_DATABASE_ROLE") or "owner",
        public_url=(values.get("TONGBAN_PUBLIC_URL") or f"http://{shown}:{port}").rstrip("/"),
        smtp_url=values.get("TONGBAN_SMTP_URL", ""),
        files_url=_files_url(values),
        files_key=_files_key(values),
        metrics_token=values.get("TONGBAN_METRICS_TOKEN", ""),
        secret_key=values.get("TONGBAN_SECRET_KEY", ""),
        blind_key=values.get("TONGBAN_BLIND_KEY", ""),
        data_keys=_data_keys(values),
        cipher=_cipher(values),
        digest=_digest(values),
        reads_kept_years=_years(values),
        debug=values.get("TONGBAN_DEBUG", "") == "1",
        web_workers=_number(values, "TONGBAN_WEB_WORKERS", 2),
        worker_concurrency=_number(values, "TONGBAN_WORKER_CONCURRENCY", 4),
        demo_past=values.get("TONGBAN_DEMO_PAST", "") != "0",
        payment_providers=_names(values, "TONGBAN_PAYMENT_PROVIDERS", "demo" if env == DEMO else ""),
        backup_to=_path(values, "TONGBAN_BACKUP_TO"),
        backup_at=_moment(values, "TONGBAN_BACKUP_AT", "02:30"),
        backup_keep=max(_number(values, "TONGBAN_BACKUP_KEEP", 14), 1),
        backup_max_age_hours=_number(values, "TONGBAN_BACKUP_MAX_AGE_HOURS", 30),
        backup_passphrase_file=_path(values, "TONGBAN_BACKUP_PASSPHRASE_FILE"),
        trusted_proxies=_networks(values, "TONGBAN_TRUSTED_PROXIES", "127.0.0.1,::1"),
        requests_per_minute=_number(values, "TONGBAN_REQUESTS_PER_MINUTE", 1200),
        letters_per_quarter=_number(values, "TONGBAN_LETTERS_PER_QUARTER", 30),
        page_seconds=_number(values, "TONGBAN_PAGE_SECONDS", 5),
        security_contact=_contact(values),
        clamd=_clamd(values),
        clamd_when_down=_one_of(values, "TONGBAN_CLAMD_WHEN_DOWN", ("refuse", "accept")),
    )


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine only."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _default_home() -> Path:
    return (ROOT if (ROOT / "pyproject.toml").exists() else Path.cwd()) / ".tongban"


def _files_url(values: Mapping[str, str]) -> str:
    url = values.get("TONGBAN_FILES_URL", "")
    if url:
        try:
            place = ObjectStore.of(url)
        except ValueError as error:
            raise ValueError(f"TONGBAN_FILES_URL: {error}") from None
        if place.ca and not Path(place.ca).is_file():
            raise ValueError(f"TONGBAN_FILES_URL: there is no file {place.ca}")
        if not all(_files_key(values)):
            raise ValueError(
                "TONGBAN_FILES_URL needs a key: TONGBAN_FILES_KEY and TONGBAN_FILES_SECRET, or TONGBAN_FILES_KEY_FILE"
            )
    return url


def _files_key(values: Mapping[str, str]) -> tuple[str, str]:
    """Return the key to the bucket and its secret: of two variables, or the two lines of a file."""
    file = _path(values, "TONGBAN_FILES_KEY_FILE")
    if file is None:
        return (values.get("TONGBAN_FILES_KEY", ""), values.get("TONGBAN_FILES_SECRET", ""))
    try:
        lines = file.read_text().split()
    except OSError as error:
        raise ValueError(f"TONGBAN_FILES_KEY_FILE cannot be read: {error.strerror}") from None
    if len(lines) != 2:
        raise ValueError("TONGBAN_FILES_KEY_FILE must hold two lines: the key and its secret")
    return (lines[0], lines[1])


def _digest(values: Mapping[str, str]) -> str:
    algorithm = values.get("TONGBAN_DIGEST") or "sha256"
    if algorithm not in {"sha256", "sm3"}:
        raise ValueError(f"TONGBAN_DIGEST is {algorithm!r}: it must be sha256 or sm3")
    return algorithm


def _cipher(values: Mapping[str, str]) -> str:
    algorithm = values.get("TONGBAN_CIPHER") or "aes-gcm"
    if algorithm not in ALGORITHMS:
        raise ValueError(f"TONGBAN_CIPHER is {algorithm!r}: it must be {' or '.join(ALGORITHMS)}")
    return algorithm


def _data_keys(values: Mapping[str, str]) -> dict[int, str]:
    try:
        return read_keys(values.get("TONGBAN_DATA_KEYS", ""))
    except ValueError as error:
        raise ValueError(f"TONGBAN_DATA_KEYS: {error}") from None


def _years(values: Mapping[str, str]) -> int:
    years = _number(values, "TONGBAN_READS_KEPT_YEARS", 3)
    if years < 3:
        raise ValueError(f"TONGBAN_READS_KEPT_YEARS is {years}: the law wants three years at least")
    return years


def _names(values: Mapping[str, str], name: str, default: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in values.get(name, default).split(",") if part.strip())


def _networks(values: Mapping[str, str], name: str, default: str) -> tuple[str, ...]:
    names = _names(values, name, default)
    for each in names:
        try:
            ip_network(each)
        except ValueError as error:
            raise ValueError(f"{name} holds {each!r}: it must be an address or a network") from error
    return names


def _one_of(values: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    given = values.get(name) or allowed[0]
    if given not in allowed:
        raise ValueError(f"{name} is {given!r}: it must be {' or '.join(allowed)}")
    return given


def _clamd(values: Mapping[str, str]) -> str:
    given = values.get("TONGBAN_CLAMD", "")
    if given and not given.startswith("/") and not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:/]+):\d{1,5}", given):
        raise ValueError(f"TONGBAN_CLAMD is {given!r}: it must be the path of a socket, or host:port")
    return given


def _contact(values: Mapping[str, str]) -> str:
    given = values.get("TONGBAN_SECURITY_CONTACT", "")
    if given and not re.match(r"(https://|mailto:|tel:)\S+$", given):
        raise ValueError(
            f"TONGBAN_SECURITY_CONTACT is {given!r}: it must begin with https://, mailto: or tel:"
        )
    return given


def _path(values: Mapping[str, str], name: str) -> Path | None:
    given = values.get(name)
    return Path(given).absolute() if given else None


def _moment(values: Mapping[str, str], name: str, default: str) -> tuple[int, int]:
    text = values.get(name) or default
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text)
    if found is None:
        raise ValueError(f"{name} is {text!r}: it must be a time of day like 02:30")
    return int(found[1]), int(found[2])


def _number(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name) or str(default)
    if not text.isdecimal():
        raise ValueError(f"{name} is {text!r}: it must be a whole number")
    return int(text)
