"""`GET /history` as it is made, compressed and kept."""

import gzip
from datetime import UTC, datetime
from types import SimpleNamespace

from starlette.requests import Request

from bento.api.history import HistoryResponse
from bento.endpoints.history import history
from bento.served_models import ServedModels
from spike_assets.registry.stored_model import StoredModel
from spike_assets.training.forecaster import train_forecaster
from tests.support.forecast_case import history as forecast_history
from tests.support.forecast_case import made_up


def of_one_forecaster(tag: str) -> ServedModels:
    """Return a set that is the forecaster of the made-up months."""
    model = train_forecaster(made_up(), forecast_history())
    metadata = {"synthetic": True}
    return ServedModels({"forecaster": StoredModel(tag, model, datetime.now(UTC), metadata)})


def asked(served: ServedModels, horizon: str, **headers: str):
    """Ask for a history, and return the response."""
    scope = {
        "type": "http",
        "query_string": f"horizon={horizon}".encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    return history(Request(scope), SimpleNamespace(served=served))


def test_history_is_made_once_for_each_set_and_horizon(monkeypatch):
    """It takes forty milliseconds, and is the same for everybody until other models answer."""
    made = []
    of = HistoryResponse.of
    monkeypatch.setattr(
        HistoryResponse, "of", lambda *given, **named: made.append(named) or of(*given, **named)
    )
    first, second = of_one_forecaster("forecaster:a"), of_one_forecaster("forecaster:b")

    answers = [asked(served, "1").body for served in (first, first, second, second)]
    asked(first, "2")

    assert [(one["tag"], one["horizon"]) for one in made] == [
        ("forecaster:a", 1),
        ("forecaster:b", 1),
        ("forecaster:a", 2),
    ]
    assert answers[0] == answers[1] != answers[2] == answers[3]


def test_history_is_compressed_for_those_who_accept_it_and_not_sent_twice():
    """It is 120 kB, and a tenth of that compressed."""
    served = of_one_forecaster("forecaster:a")

    plain = asked(served, "1")
    compressed = asked(served, "1", **{"accept-encoding": "gzip"})
    again = asked(served, "1", **{"if-none-match": plain.headers["ETag"]})

    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Content-Type"] == "application/json"
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.body) == plain.body
    assert len(compressed.body) < len(plain.body) / 4
    assert (again.status_code, again.body) == (304, b"")
