"""What the operator watches of push, in Prometheus' words."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.store.providers import SERVER, Name, Standing, quantile_ms


def text(standings: Mapping[Name, Standing], due: int, now_ms: int) -> bytes:
    """Of all workers together: what is due, what each provider took, how late, and its breaker."""
    registry = CollectorRegistry()
    registry.register(_Numbers(standings, due, now_ms))
    return generate_latest(registry)


class _Numbers(Collector):
    def __init__(self, standings: Mapping[Name, Standing], due: int, now_ms: int) -> None:
        self._due, self._now_ms = due, now_ms
        self._of: dict[str, list[Standing]] = {}
        for (org_id, name), one in standings.items():
            self._of.setdefault(name if org_id == SERVER else f"{name}s", []).append(one)

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("outrider_push_due", "Pushes that are due and wait, 10,000 at most.", value=self._due)
        counts = {
            "sent": "Pushes given to a provider.",
            "taken": "Pushes that a provider accepted.",
            "dead": "Pushes given up.",
            "retired": "Targets that a provider named as gone.",
        }
        for slot, told in counts.items():
            family = CounterMetricFamily(f"outrider_push_{slot}", told, labels=("provider",))
            for name, some in self._of.items():
                family.add_metric((name,), sum(getattr(one, slot) for one in some))
            yield family
        lag = GaugeMetricFamily("outrider_push_lag_seconds", "How late the last pushes went out.", labels=("provider", "quantile"))
        shut = GaugeMetricFamily("outrider_push_breaker", "1 while nothing goes to a provider: 5 refusals in a row.", labels=("provider",))
        paused = GaugeMetricFamily("outrider_push_paused", "1 while a provider wants to be left alone.", labels=("provider",))
        platform = GaugeMetricFamily("outrider_push_platform_ill", "1 while a provider behind it refuses our keys.", labels=("provider",))
        for name, some in self._of.items():
            lags = tuple(lag_ms for one in some for lag_ms in one.lags_ms)
            for part in (0.5, 0.99):
                lag.add_metric((name, str(part)), quantile_ms(lags, part) / 1_000)
            shut.add_metric((name,), float(any(one.breaker.is_ill for one in some)))
            paused.add_metric((name,), float(any(one.breaker.paused_until_ms > self._now_ms for one in some)))
            platform.add_metric((name,), float(any(one.breaker.is_platform_ill for one in some)))
        yield from (lag, shut, paused, platform)
