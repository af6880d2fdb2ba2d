"""The threat: behind a proxy everybody seems to come from the proxy, so one who guesses locks all; and who may say where they
come from says something else each time, so nothing locks them.

The remedy: ``X-Forwarded-For`` counts only where a trusted proxy says it (``TONGBAN_TRUSTED_PROXIES``), and of it only the last
address that is none of ours: what stands before was written by the visitor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

__all__ = ["AddressMiddleware", "client_address", "networks"]

Network = IPv4Network | IPv6Network


def networks(names: Sequence[str]) -> tuple[Network, ...]:
    """Read addresses and networks ("10.1.0.0/16"). Raises ValueError."""
    return tuple(ip_network(name) for name in names)


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Return who asks: the peer, or, as long as those who speak are trusted, whom they name."""
    address = peer
    for named in reversed([part.strip() for part in forwarded.split(",")] if forwarded else []):
        if not _is_in(address, trusted) or not _is_address(named):
            break
        address = named
    return address


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(address: str, trusted: Sequence[Network]) -> bool:
    if not _is_address(address):
        return False
    parsed = ip_address(address)
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(parsed in network for network in trusted)


class AddressMiddleware:
    """Puts the visitor's address into ``REMOTE_ADDR``, where the rest of the program reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.trusted = networks(settings.TONGBAN_TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        request.META["REMOTE_ADDR"] = client_address(peer, forwarded, self.trusted)
        return self.get_response(request)
