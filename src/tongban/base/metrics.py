"""What the installation measures of itself, in the form that Prometheus reads.

Two kinds. *Durations* are observed where they happen; several processes write theirs into one directory
(``PROMETHEUS_MULTIPROC_DIR``, set by the supervisor), and whoever is asked adds them up. *Gauges* are read when somebody asks,
from the database, so they are the same whichever process answers: a module registers a function for each.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from tongban.base.registry import Registry

__all__ = ["Gauge", "gauges", "observe_job", "observe_request", "register_gauge", "render"]

log = structlog.get_logger(__name__)

Reading = float | Mapping[str, float]
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 120)

_own = CollectorRegistry()
_requests = Histogram(
    "tongban_request_seconds",
    "Time from request to answer, by the name of the route",
    ["route", "method", "status"],
    buckets=BUCKETS,
    registry=_own,
)
_jobs = Histogram(
    "tongban_job_seconds",
    "Run time of jobs, by task",
    ["task", "outcome"],
    buckets=BUCKETS,
    registry=_own,
)


@dataclass(frozen=True)
class Gauge:
    """A number that is read when somebody asks. With ``label``, the function gives one number for each of its values."""

    name: str
    help: str
    read: Callable[[], Reading]
    label: str = ""


gauges: Registry[Gauge] = Registry("gauges")


def register_gauge(name: str, help: str, read: Callable[[], Reading], label: str = "") -> None:  # noqa: A002
    """Register a gauge, from ``AppConfig.ready()``. The name begins with ``tongban_``; ``read`` is cheap (an index, a count)."""
    gauges.register(name, Gauge(name, help, read, label))


def observe_request(route: str, method: str, status: int, seconds: float) -> None:
    """Note how long a request took. Routes are a closed set, so that nobody can make labels by asking for odd addresses."""
    _requests.labels(route, method, str(status)).observe(seconds)


def observe_job(task: str, outcome: str, seconds: float) -> None:
    """Note how long a job ran and whether it ``succeeded`` or ``failed``."""
    _jobs.labels(task, outcome).observe(seconds)


def render() -> bytes:
    """Return everything in Prometheus' text format."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Others())
    registry.register(_Gauges())
    return generate_latest(registry)


class _Others:
    """The durations of this process alone, where no directory is shared."""

    def collect(self) -> Iterable[Metric]:
        return _own.collect()


class _Gauges:
    """Every registered gauge, read now. One that cannot be read is left out and logged: the others are needed all the more."""

    def collect(self) -> Iterable[Metric]:
        for gauge in gauges:
            try:
                reading = gauge.read()
            except Exception as error:
                log.warning("gauge failed", gauge=gauge.name, error=type(error).__name__)
                continue
            if isinstance(reading, Mapping):
                family = GaugeMetricFamily(gauge.name, gauge.help, labels=[gauge.label])
                for value, number in reading.items():
                    family.add_metric([value], number)
            else:
                family = GaugeMetricFamily(gauge.name, gauge.help, value=float(reading))
            yield family
