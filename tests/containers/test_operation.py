"""What an operator does: train, roll back, multiply, read other data, switch TLS on."""

import ssl
import time
from collections import Counter

import httpx
import pytest

from spike_assets.sample.sample import sample_files
from tests.containers.load import N_CLIENTS
from tests.containers.stack import seconds_until

SERVED_WITHIN_S = 5
N_REPLICAS = 3
LOAD_S = 15
MODELS = ("spike-assets", "models")
RECORDS = "/var/lib/spike-assets/predictions"


def test_run_over_graphql_is_promoted_rolled_back_and_promoted_again(
    trained, stack, ui, service, clients
):
    """Each is served without a restart and without a failed answer."""

    def served() -> str:
        return service.post("/forecast", json={"horizon": 1, "levels": [80]}).json()["model"]

    before = served()
    with clients() as seen:
        ui.wait_for(ui.launch("train"), "SUCCESS")
        seconds_until(lambda: served() != before, limit_s=SERVED_WITHIN_S)
        after = served()

        stack.execute("dagster-code", *MODELS, "rollback")
        seconds_until(lambda: served() == before, limit_s=SERVED_WITHIN_S)

        stack.execute("dagster-code", *MODELS, "promote", after, "--reason", "a test")
        seconds_until(lambda: served() == after, limit_s=SERVED_WITHIN_S)

    assert not seen.failures
    assert seen.answers


def test_bento_is_built_of_what_is_promoted(trained, stack, ui):
    """The asset, where the graph runs; its sources are in the image."""
    ui.wait_for(ui.launch(assets=["bento"]), "SUCCESS")

    assert "spike-assets:" in stack.execute("dagster-code", "bentoml", "list")


@pytest.fixture
def replicas(stack):
    """The service three times, for as long as the test takes."""
    stack.up("--no-recreate", "--scale", f"bento={N_REPLICAS}")
    return stack.ids("bento")


@pytest.fixture(scope="module", autouse=True)
def _one_replica_in_the_end(stack):
    yield
    stack.up("--no-recreate", "--scale", "bento=1")


def test_service_is_multiplied_without_a_failed_answer(trained, stack, clients):
    """A replica that starts is asked once it is ready, and one that stops answers to the end."""
    with clients() as seen:
        stack.up("--no-recreate", "--scale", f"bento={N_REPLICAS}")
        stack.up("--no-recreate", "--scale", "bento=1")

    assert not seen.failures
    assert seen.answers


def test_replicas_share_the_work(trained, stack, clients, replicas):
    """Each answers a fair part, as its own record says."""
    before = _n_recorded(stack)
    with clients() as seen:
        time.sleep(LOAD_S)
    asked = _n_recorded(stack)
    n_answered = [asked[one[:12]] - before[one[:12]] for one in replicas]

    assert not seen.failures
    assert len(n_answered) == N_REPLICAS
    assert min(n_answered) > len(seen.answers) / N_REPLICAS / 2


def test_replica_that_is_killed_is_passed_over(trained, stack, clients, replicas):
    """What it was answering just then is lost at most."""
    with clients() as seen:
        stack.kill(replicas[0])
        time.sleep(LOAD_S)
        stack.wait_until_healthy()

    assert len(seen.failures) <= N_CLIENTS
    assert len(seen.answers) > LOAD_S


def test_replica_that_hangs_is_passed_over(trained, stack, clients, replicas):
    """It takes connections and says nothing; the others answer."""
    with clients() as seen, stack.hanging(replicas[0]):
        time.sleep(LOAD_S)
        n_answered = len(seen.answers)

    assert not seen.failures
    assert n_answered > LOAD_S


def _n_recorded(stack) -> Counter[str]:
    """Count the answers that each container has recorded."""
    counted = stack.execute("bento", "sh", "-c", f"cd {RECORDS} && grep -c '' */*.jsonl")
    found = Counter()
    for line in counted.splitlines():
        path, n_lines = line.split(":")
        found[path.split("/")[0]] += int(n_lines)
    return found


def test_mounted_folder_is_read(trained, stack, ui, tmp_path):
    """Files of one's own, which are not the embedded sample whatever they hold."""
    for name, content in sample_files().items():
        (tmp_path / name).write_bytes(content)
    tmp_path.chmod(0o755)
    code_server = ("--no-deps", "dagster-code")

    stack.up(*code_server, SPIKE_DATA_DIR=str(tmp_path))
    try:
        ui.wait_for(ui.launch(assets=["raw_milk_price"]), "SUCCESS")
        assert not ui.is_synthetic("raw_milk_price")

        (tmp_path / "precio_leche.csv").unlink()
        ui.wait_for(ui.launch(assets=["raw_milk_price"]), "FAILURE")
    finally:
        stack.up(*code_server)
    ui.wait_for(ui.launch(assets=["raw_milk_price"]), "SUCCESS")
    assert ui.is_synthetic("raw_milk_price")


def test_one_setting_switches_tls_on(trained, stack, question):
    """Both ports then speak TLS alone."""
    key, password = stack.printed_login()
    unverified = ssl.create_default_context()  # the certificate is Caddy's own
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE

    stack.up("--no-deps", "proxy", SPIKE_SITE="https://localhost")
    try:
        with httpx.Client(verify=unverified) as client:
            service = f"https://localhost:{stack.service_port}"
            ui = f"https://localhost:{stack.ui_port}"
            asked = client.post(f"{service}/predict", json=question, headers={"X-API-Key": key})
            assert asked.is_success
            assert client.get(f"{ui}/server_info").status_code == httpx.codes.UNAUTHORIZED
            assert client.get(f"{ui}/server_info", auth=("dagster", password)).is_success
            assert not client.get(f"http://localhost:{stack.ui_port}").is_success
    finally:
        stack.up("--no-deps", "proxy")
