"""Metrics of the service, which `/metrics` shows beside BentoML's own."""

from datetime import UTC, datetime
from functools import cache

import numpy as np
from prometheus_client import Counter, Gauge, Histogram

from bento.served_models import ServedModels
from spike_assets.registry.stored_model import StoredModel

_SECONDS_A_DAY = 86_400


class ServiceMetrics:
    """Counters and gauges of the service; BentoML's process writes them out with its own."""

    def __init__(self) -> None:
        self._predictions = Counter(
            "spike_predictions",
            "Requests that a model answered.",
            labelnames=["endpoint", "model", "tag"],
        )
        self._rows = Histogram(
            "spike_rows_per_request",
            "Rows predicted, or months forecast or evaluated.",
            labelnames=["endpoint"],
            buckets=(1, 2, 5, 12, 50, 100, 500, 1_000, 5_000, 10_000),
        )
        self._rescaled_cells = Counter(
            "spike_rescaled_cells",
            "Numbers in the old digit convention that were brought to true units.",
        )
        self._refused_requests = Counter(
            "spike_refused_requests", "Requests answered with an error.", labelnames=["reason"]
        )
        self._swaps = Counter("spike_model_swaps", "Promoted sets that were put into service.")
        self._refused_swaps = Counter(
            "spike_refused_model_swaps",
            "Promoted sets that could not be verified, so that the one before went on.",
        )
        self._failed_syncs = Counter(
            "spike_failed_model_store_looks",
            "Looks at the remote model store that failed, so that what was served went on.",
        )
        self._model_age_days = Gauge(
            "spike_model_age_days",
            "Days since the served model was registered.",
            labelnames=["model"],
            multiprocess_mode="livemax",
        )
        self._data_age_days = Gauge(
            "spike_data_age_days",
            "Days since the end of the last month that the served model was trained on.",
            labelnames=["model"],
            multiprocess_mode="livemax",
        )

    def answered(
        self, endpoint: str, stored: StoredModel, *, n_rows: int, n_rescaled_cells: int | None
    ) -> None:
        """Count a request that a model answered."""
        self._predictions.labels(endpoint=endpoint, model=stored.model.name, tag=stored.tag).inc()
        self._rows.labels(endpoint=endpoint).observe(n_rows)
        if n_rescaled_cells:
            self._rescaled_cells.inc(n_rescaled_cells)

    def refused(self, reason: str) -> None:
        """Count a request that was answered with an error."""
        self._refused_requests.labels(reason=reason).inc()

    def swapped(self) -> None:
        """Count a promoted set that was put into service."""
        self._swaps.inc()

    def refused_swap(self) -> None:
        """Count a promoted set that could not be verified."""
        self._refused_swaps.inc()

    def sync_failed(self) -> None:
        """Count a failed sync with the remote model store."""
        self._failed_syncs.inc()

    def set_ages(self, served: ServedModels) -> None:
        """Set the ages of the served models and of their newest data."""
        now = datetime.now(UTC)
        for name, stored in served.models.items():
            self._model_age_days.labels(model=name).set(
                (now - stored.created).total_seconds() / _SECONDS_A_DAY
            )
            after_last = np.datetime64(stored.metadata["months"]["last"], "M") + 1
            newest = after_last.astype("datetime64[s]").item().replace(tzinfo=UTC)
            self._data_age_days.labels(model=name).set(
                (now - newest).total_seconds() / _SECONDS_A_DAY
            )


@cache
def service_metrics() -> ServiceMetrics:
    """Return the metrics of this process; Prometheus takes each name only once."""
    return ServiceMetrics()
