"""How records go out and what comes back: a directory, an address. The registry is ``transport_of``."""

from __future__ import annotations

from tongban.apps.docking.models import Destination
from tongban.apps.docking.transports.base import Answer, Parcel, Receipt, Transport, TransportFailed
from tongban.apps.docking.transports.drop import Drop
from tongban.apps.docking.transports.http import Http

__all__ = ["Answer", "Parcel", "Receipt", "Transport", "TransportFailed", "transport_of"]

_KINDS: dict[str, type[Drop | Http]] = {Destination.DROP: Drop, Destination.HTTP: Http}


def transport_of(destination: Destination) -> Transport:
    """Return the transport of a destination."""
    return _KINDS[destination.kind](destination)
