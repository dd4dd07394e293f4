"""Traces of the service, by BentoML's own tracing."""

import json
import subprocess
import sys

import pytest

COUNT_SPANS = """
from bentoml._internal.configuration.containers import BentoMLContainer
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from bento.service import MilkPriceService  # noqa: PLC0415

exporter = InMemorySpanExporter()
BentoMLContainer.tracer_provider.get().add_span_processor(SimpleSpanProcessor(exporter))
client = TestClient(
    MilkPriceService.to_asgi(), base_url="http://127.0.0.1", client=("127.0.0.1", 1)
)
with client:
    assert client.get("/livez").status_code == 200
print(sum(span.name == "GET /livez" for span in exporter.get_finished_spans()))
"""


@pytest.mark.parametrize(
    ("tracing", "spans"),
    [({}, 0), ({"exporter_type": "in_memory", "sample_rate": 1.0}, 1)],
    ids=["nobody collects", "an exporter is configured"],
)
def test_request_is_traced_where_traces_are_collected(
    isolated_environment, tmp_path, tracing, spans
) -> None:
    """BentoML makes spans in any case; without an exporter they only cost time."""
    environment = isolated_environment(tmp_path) | {
        "BENTOML_CONFIG_OVERRIDES": json.dumps({"tracing": tracing}),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }

    done = subprocess.run(
        [sys.executable, "-c", COUNT_SPANS],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.stdout.splitlines()[-1:], done.returncode) == ([str(spans)], 0), done.stderr
