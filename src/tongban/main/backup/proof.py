"""Does a restored installation live? Asked through the doors that the running program uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

from tongban.base.datakeys import KEY_FILE
from tongban.main.backup.errors import BackupFault
from tongban.main.backup.form import Manifest, fingerprint_of_key

__all__ = ["files", "foreign_keys", "keys_in_use", "ledger", "put_files", "settle", "sign_in"]


LOST = {
    "secret-key": "everybody must sign in again, links in messages end",
    "blind-key": "who read about a person before cannot be found any more, nobody is found by an ID number",
}
LOST_DATA = "ID numbers and telephone numbers sealed under it cannot be read any more"


def keys_in_use() -> dict[str, str]:
    """Return the keys of this installation, also those that come from the environment."""
    from django.conf import settings

    from tongban.base.keyring import keyring

    data = {f"{KEY_FILE}{number}": key for number, key in sorted(keyring().keys.items())}
    return {"secret-key": settings.SECRET_KEY, "blind-key": settings.TONGBAN_BLIND_KEY, **data}


def foreign_keys(manifest: Manifest) -> Iterator[str]:
    """Name the keys that are not those under which the copy was made, with what is lost by that."""
    here = keys_in_use()
    for name in sorted({*LOST, *manifest.key_fingerprints}):
        key = here.get(name)
        if key is None or fingerprint_of_key(key) != manifest.key_fingerprints.get(name):
            yield f"the {name} is {'another' if key else 'missing'}: {LOST.get(name, LOST_DATA)}"


def settle(manifest: Manifest) -> None:
    """Migrate what an older program wrote, renew privileges, let the ledger count on. Raises BackupFault for a newer one's."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    from tongban.base.time import now
    from tongban.kernel.ledger import service
    from tongban.main import roles

    loader = MigrationLoader(connection)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    known = {f"{app}.{name}" for app, name in {*loader.disk_migrations, *replaced}}
    if unknown := sorted(set(manifest.migrations) - known):
        raise BackupFault(
            f"this copy is of a newer program ({manifest.program}): {', '.join(unknown[:5])}; install that first"
        )
    roles.ensure_role()
    call_command("migrate", interactive=False, verbosity=0)
    service.resume(at=now(), restored=True)


def put_files() -> None:
    """Move the files from the home to where this installation keeps them. Raises BackupFault."""
    from tongban.kernel.files import service
    from tongban.kernel.files.errors import FileStoreUnavailable

    store = service.storage()
    try:
        service.move_stored(service.DiskStorage(), store, remove=True)  # what was damaged stays in the home
    except FileStoreUnavailable:
        raise BackupFault(f"{store} does not answer (TONGBAN_FILES_URL)") from None


def files(manifest: Manifest) -> list[str]:
    """Compare rows and bytes; return what was missing or damaged when the copy was made. Raises BackupFault for more."""
    from django.conf import settings

    from tongban.kernel.files import service

    known = set(manifest.missing)
    if settings.TONGBAN_FILES_URL:  # a bucket takes bytes only under their own digest
        known |= set(manifest.damaged)
    lost = [pk for pk in service.check_storage().missing if _digest(pk) not in known]
    if lost:
        raise BackupFault(f"{len(lost)} files have no bytes, the first is {lost[0]}")
    warnings = []
    if manifest.missing:
        warnings.append(f"{len(manifest.missing)} files were missing already when the copy was made")
    if manifest.damaged:
        warnings.append(f"{len(manifest.damaged)} files were damaged already when the copy was made")
    return warnings


def _digest(pk: UUID) -> str:
    from tongban.kernel.files import service

    return str(service.File.objects.values_list("sha256", flat=True).get(pk=pk))


def ledger(manifest: Manifest) -> tuple[int, int]:
    """Verify the whole ledger; return acts and batches. Raises BackupFault with the first finding."""
    from tongban.kernel.ledger import service

    report = service.verify(data=True)
    if not report.is_clean:
        raise BackupFault("the ledger is not clean:\n" + service.describe(report).en)
    if report.batches != manifest.batches:
        raise BackupFault(
            f"the ledger has {report.batches} sealed batches, the copy was made with {manifest.batches}"
        )
    return report.acts, report.batches


ONCE = "one attempt in a transaction"
SIGNED_IN, MOST_TRIED = 302, 5


class _Undo(Exception):
    """Takes back what the proof did."""


def sign_in() -> bool:
    """Sign somebody in through the page, in a transaction that is taken back; False without an open account.

    Nobody's password is known here: the account gets another one for the while.
    """
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from django.test import Client
    from django.urls import reverse

    from tongban.kernel.identity.backends import may_sign_in

    tried: list[int] = []
    with suppress(_Undo), transaction.atomic():
        accounts = get_user_model()._default_manager.filter(is_active=True).order_by("pk")
        for account in (each for each in accounts.iterator() if may_sign_in(each)):  # type: ignore[arg-type]
            account.set_password(ONCE)
            account.save(update_fields=["password"])
            answer = Client(SERVER_NAME=settings.ALLOWED_HOSTS[-1]).post(
                reverse("identity:sign-in"),
                {"username": account.get_username(), "password": ONCE},
                secure=settings.SESSION_COOKIE_SECURE,
            )
            tried.append(answer.status_code)
            if answer.status_code == SIGNED_IN:
                raise _Undo
            if len(tried) == MOST_TRIED:  # one may be locked for a while by wrong attempts before the copy
                break
        if tried:
            raise BackupFault(f"signing in does not work: the page answers {tried}")
    return SIGNED_IN in tried
