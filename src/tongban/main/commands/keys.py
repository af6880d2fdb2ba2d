"""``tongban keys``: under which keys numbers of people are sealed, a new key, sealing what is there anew."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from tongban.main.commands import session

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Show or change the data keys while everything runs. An interrupted ``rotate`` is finished by ``reseal``."""
    parser = argparse.ArgumentParser("tongban keys", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("show", help="how many values are sealed under which key and cipher")
    verbs.add_parser("rotate", help="make a new data key and seal everything under it")
    verbs.add_parser(
        "reseal", help="seal anew what is under an earlier key or another cipher (TONGBAN_CIPHER)"
    )
    wanted = parser.parse_args(arguments)
    session.start("owner")
    work: dict[str, Callable[[], int]] = {"show": _show, "rotate": _rotate, "reseal": _reseal}
    return session.guarded(work[wanted.verb])


def _show() -> int:
    from tongban.base.datakeys import ALGORITHMS
    from tongban.base.keyring import keyring
    from tongban.base.resealing import count_by_head, sealed_tables
    from tongban.base.reveiling import count_clear, count_veiled, veiled_tables

    ring = keyring()
    names = {number: name for name, number in ALGORITHMS.items()}
    print(f"now: {ring.algorithm}, data key {ring.current}; here: {', '.join(map(str, sorted(ring.keys)))}")
    lost = False
    for table in sealed_tables():
        for (algorithm, key), number in sorted(count_by_head(table).items()):
            lost |= key not in ring.keys
            print(
                f"{table.name}: {number} values, {names.get(algorithm, algorithm)}, data key {key}"
                + ("" if key in ring.keys else " WHICH IS NOT HERE")
            )
    for veils in veiled_tables():
        for (algorithm, key), number in sorted(count_veiled(veils).items()):
            lost |= key not in ring.keys
            print(
                f"{veils.name}: {number} numbers within, {names.get(algorithm, algorithm)}, data key {key}"
                + ("" if key in ring.keys else " WHICH IS NOT HERE")
            )
        if clear := count_clear(veils):
            print(f"{veils.name}: {clear} rows with numbers in the clear: `tongban keys reseal` seals them")
    return 1 if lost else 0


def _rotate() -> int:
    from django.conf import settings

    from tongban.base.keyring import forget_keys, keyring
    from tongban.main import secrets

    if settings.TONGBAN_DATA_KEYS_IN is None:
        sys.stderr.write(
            "tongban: the environment gives the data keys: add a new one to TONGBAN_DATA_KEYS, before those that are "
            "there, restart everything, then run `tongban keys reseal`\n"
        )
        return 1
    number = secrets.add_data_key(settings.TONGBAN_HOME)
    forget_keys()
    print(f"data key {keyring().current} is in {settings.TONGBAN_HOME}/secrets: take a backup that holds it")
    return _reseal() if keyring().current == number else 1


def _reseal() -> int:
    from tongban.base.resealing import reseal, sealed_tables
    from tongban.base.reveiling import reveil, veiled_tables

    for table in sealed_tables():
        done = sum(reseal(table))
        print(f"{table.name}: {done} rows sealed anew")
    for veils in veiled_tables():
        done = sum(reveil(veils))
        print(f"{veils.name}: {done} rows with numbers within sealed anew")
    left = _left()
    if left:
        print(
            f"{left} values were written under an earlier key meanwhile; run `tongban keys reseal` in a minute"
        )
    return 0


def _left() -> int:
    from tongban.base.datakeys import ALGORITHMS
    from tongban.base.keyring import keyring
    from tongban.base.resealing import count_by_head, sealed_tables
    from tongban.base.reveiling import count_veiled, veiled_tables

    now = ALGORITHMS[keyring().algorithm], keyring().current
    counts = [
        *(count_by_head(table) for table in sealed_tables()),
        *(count_veiled(table) for table in veiled_tables()),
    ]
    return sum(number for count in counts for head, number in count.items() if head != now)
