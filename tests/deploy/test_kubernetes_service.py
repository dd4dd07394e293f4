"""The service with the settings of its manifest: probes, Prometheus, and how it stops."""

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

from spike_assets.registry.model_store import ModelStore
from tests.deploy.conftest import ROOT
from tests.support.tiny_store import promoted_pair

KUBERNETES = ROOT / "deploy" / "kubernetes"
POD = yaml.safe_load((KUBERNETES / "service" / "base" / "deployment.yaml").read_text())["spec"][
    "template"
]["spec"]
(CONTAINER,) = POD["containers"]
PROBES = {CONTAINER[name]["httpGet"]["path"] for name in CONTAINER if name.endswith("Probe")}
OF_THE_IMAGE = {"BENTOML_HOME", "BENTOML_HOST", "BENTOML_PORT", "HOME", "SPIKE_API_KEY_FILE"}
KEY = "a-key-of-prometheus"
CLIENTS = ("203.0.113.1", "2001:db8::1")


@dataclass(frozen=True)
class Observed:
    """The answers and times of a service from its start to its end."""

    probes: dict[str, int]
    metrics_without_key: int
    metrics: str
    clients: list[str]
    seconds_to_stop: float


@pytest.fixture(scope="module")
def observed(start_service, isolated_environment, tmp_path_factory) -> Observed:
    """A service on small models, in the environment of the pod as far as it is not the image's."""
    folder = tmp_path_factory.mktemp("pod")
    environment = isolated_environment(folder)
    promoted_pair(ModelStore(Path(environment["BENTOML_HOME"])), "a")
    keys = folder / "api_key"
    keys.write_text(f"a-key-of-everyone-else\n{KEY}\n")
    settings = {
        one["name"]: one["value"] for one in CONTAINER["env"] if one["name"] not in OF_THE_IMAGE
    }
    with start_service(environment, folder, **settings, SPIKE_API_KEY_FILE=str(keys)) as service:
        probes = {path: service.client.get(path).status_code for path in PROBES}
        refused = service.client.get("/metrics")
        metrics = service.client.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})
        with through_the_ingress(service.client.base_url) as ingress:
            for address in CLIENTS:
                ingress.get("/version", headers={"X-Forwarded-For": address})
        stopped_s = time.monotonic()
    return Observed(
        probes=probes,
        metrics_without_key=refused.status_code,
        metrics=metrics.text,
        clients=[
            line["client"]
            for line in map(json.loads, service.log.splitlines())
            if line.get("path") == "/version"
        ],
        seconds_to_stop=time.monotonic() - stopped_s,
    )


def through_the_ingress(url) -> httpx.Client:
    """Ask from an address that uvicorn does not trust unless it is told to."""
    return httpx.Client(base_url=url, transport=httpx.HTTPTransport(local_address="127.0.0.2"))


def test_clients_of_the_ingress_are_told_apart(observed):
    """Each has its own address in the log, and so its own rate."""
    assert observed.clients == [*CLIENTS]


def test_probes_are_answered_without_a_key(observed):
    """The kubelet has none."""
    assert observed.probes == {"/livez": 200, "/readyz": 200}


def test_prometheus_needs_its_key(observed):
    """As the scrape configuration has it."""
    assert observed.metrics_without_key == 401
    assert observed.metrics.startswith("# HELP")


def test_adapter_finds_its_series(observed):
    """By name and label, and before the first question: probes make it."""
    values = yaml.safe_load((KUBERNETES / "metrics" / "adapter_values.yaml").read_text())
    (rule,) = values["rules"]["custom"]
    name, asked = re.fullmatch(r"(\w+)\{(.*)\}", rule["seriesQuery"]).groups()
    of_the_service = next(label for label in asked.split(",") if label.endswith('"spike-assets"'))

    lines = re.findall(rf"^{name}{{(.*)}} \S+$", observed.metrics, re.MULTILINE)

    assert any(of_the_service in labels.split(",") for labels in lines)


def test_service_stops_in_the_time_that_is_left(observed):
    """After the wait until nobody asks it any more."""
    wait_s = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert observed.seconds_to_stop < POD["terminationGracePeriodSeconds"] - wait_s
