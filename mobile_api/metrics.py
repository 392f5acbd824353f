"""Prometheus metrics of this process. With several workers each process counts its own: scrape every one of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from server.database import Cause, Health

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """Counters of one application object, in a registry of its own."""

    media_type: Final = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._of: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._requests = Counter(
            "outrider_requests", "Requests by route and status.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "outrider_request_seconds", "Seconds from request to last byte.", ("route",), buckets=_SECONDS, registry=self._registry
        )
        self._pushed = Counter("outrider_pushed_mutations", "Mutations by outcome.", ("result",), registry=self._registry)
        self._receipts = Counter(
            "outrider_receipts", "Receipts of devices that told something new.", ("record", "receipt"), registry=self._registry
        )
        self._pulled = Counter("outrider_pulled_bytes", "Bytes of pulled pages before compression.", registry=self._registry)

        self._refused = Counter("outrider_refused_syncs", "Syncs told to come again, by bound.", ("bound",), registry=self._registry)
        self._refused_connections = Counter(
            "outrider_refused_connections", "Connections and requests refused at the door, by bound.", ("bound",), registry=self._registry
        )
        self._connections = Gauge("outrider_connections", "Connections open now.", registry=self._registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one finished request."""
        found = self._of.get((method, route, status))
        if found is None:  # the library looks its children up by their labels under a lock; there are few of them
            found = self._of[method, route, status] = (self._requests.labels(method, route, str(status)), self._seconds.labels(route))
        counted, timed = found
        counted.inc()
        timed.observe(seconds)

    def pushed(self, counts: Mapping[str, int], receipts: Mapping[tuple[str, str], int]) -> None:
        """Count the outcomes of one push, by result, and its receipts, by kind of record."""
        for result, count in counts.items():
            self._pushed.labels(result).inc(count)
        for (record, receipt), count in receipts.items():
            self._receipts.labels(record, receipt).inc(count)

    def pulled(self, size_bytes: int) -> None:
        """Count the bytes of one pull."""
        self._pulled.inc(size_bytes)

    def refused(self, bound: str) -> None:
        """Count one sync that was told to come again."""
        self._refused.labels(bound).inc()

    def watch(self, health: Health) -> None:
        """Show the health of the database from now on."""
        self._registry.register(_Illness(health))

    def refused_connection(self, bound: str) -> None:
        """Count one connection, or request, that went beyond a setting of that name."""
        self._refused_connections.labels(bound).inc()

    def connections(self, count: Callable[[], float]) -> None:
        """Set the function that knows how many connections are open."""
        self._connections.set_function(count)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _Illness:
    """The failures that the doors of the database met, by cause: 0 while all is well."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterable[Metric]:
        failures = CounterMetricFamily("outrider_database_failures", "Units that an ill database did not carry out.", labels=("cause",))
        ill = GaugeMetricFamily("outrider_database_ill", "1 while the database cannot be worked with.", labels=("cause",))
        for cause in Cause:
            failures.add_metric((cause.name,), self._health.counts[cause])
            ill.add_metric((cause.name,), float(self._health.cause is cause))
        return (failures, ill)
