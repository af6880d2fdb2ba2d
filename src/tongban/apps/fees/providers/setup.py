"""Which providers are set up: those that ``TONGBAN_PAYMENT_PROVIDERS`` names, the first being the one that payments start with.

The others stay able to notify, to be asked and to refund: a change of supplier loses no payment on its way.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from tongban.apps.fees.errors import ProviderUnknown
from tongban.apps.fees.providers.protocol import PaymentProvider
from tongban.base.text import LocalizedText as T

__all__ = ["WINDOW", "asked", "faults", "find", "first", "label_of", "names"]

WINDOW = "window"
"""Under this name the window takes cash and cards. It is no provider: nobody can be asked."""
DEMO = "tongban.apps.fees.providers.demo.DemoBank"


def names() -> tuple[str, ...]:
    """Return the dotted names of the classes that are set up; "demo" stands for ours."""
    return tuple(DEMO if name == "demo" else name for name in settings.TONGBAN_PAYMENT_PROVIDERS)


def asked() -> list[PaymentProvider]:
    """Return the providers that are set up and may be used here, the one for new payments first."""
    return [each for each in _made(names()) if not each.is_demo or settings.TONGBAN_ENV == "demo"]


def first() -> PaymentProvider | None:
    """Return the provider of new payments, None where nothing can be paid on line."""
    return next(iter(asked()), None)


def find(key: str) -> PaymentProvider:
    """Return a provider by key. Raises ProviderUnknown."""
    for each in asked():
        if each.key == key:
            return each
    raise ProviderUnknown


def label_of(key: str) -> T:
    """Return what a provider is called; one that is no longer set up by its key."""
    if key == WINDOW:
        return T("窗口", "Window")
    return next((each.label for each in asked() if each.key == key), T(key))


def faults() -> Iterator[str]:
    """Say what is wrong with the setting: names that are no provider, keys given twice, the demo bank where money is real."""
    keys: set[str] = set()
    for name in names():
        try:
            [each] = _made((name,))
        except Exception as error:
            yield f"TONGBAN_PAYMENT_PROVIDERS names {name!r}, which cannot be used: {error}"
            continue
        if each.is_demo and settings.TONGBAN_ENV != "demo":
            yield f"TONGBAN_PAYMENT_PROVIDERS names {name!r}: a demo bank, where nobody really pays; take it out"
        if each.key in keys or each.key == WINDOW:
            yield f"TONGBAN_PAYMENT_PROVIDERS: the key {each.key!r} is taken"
        keys.add(each.key)


@lru_cache(maxsize=16)
def _made(dotted: tuple[str, ...]) -> tuple[PaymentProvider, ...]:
    return tuple(import_string(name)() for name in dotted)
