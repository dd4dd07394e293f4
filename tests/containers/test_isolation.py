"""What a container may do, as the engine sees it and as the container does."""

import json

import pytest

from tests.containers.stack import docker_command, output_of

SERVICES = ("postgres", "dagster-code", "dagster-daemon", "dagster-webserver", "bento", "proxy")
NO_CAPABILITY = "0000000000000000"


@pytest.mark.parametrize("service", SERVICES)
def test_container_is_nobody_special(stack, service):
    """Not root, and without a way to become it."""
    assert stack.execute(service, "id", "-u").strip() != "0"
    status = stack.execute(service, "cat", "/proc/1/status")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert fields[capabilities] == NO_CAPABILITY
    assert fields["NoNewPrivs"] == "1"


@pytest.mark.parametrize("service", SERVICES)
def test_container_can_not_be_written(stack, service):
    """What it runs stays what was built."""
    for folder in ("/", "/etc", "/usr/local/bin", "/srv", "/venv"):
        command = f"touch {folder}/written 2>/dev/null && echo written || echo refused"
        assert stack.execute(service, "sh", "-c", command).strip() == "refused"


def test_service_can_not_write_the_model_store(stack):
    """It reads what was promoted."""
    command = "touch /var/lib/spike-assets/bentoml/written 2>/dev/null || echo refused"

    assert stack.execute("bento", "sh", "-c", command).strip() == "refused"


def test_containers_are_limited(stack):
    """In memory, processors and logs."""
    for container in stack.inspected():
        host = container["HostConfig"]
        assert 0 < host["Memory"] <= 3 * 1024**3
        assert 0 < host["NanoCpus"] <= 2e9
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}


def test_two_ports_are_published_and_on_loopback(stack):
    """Both of the proxy."""
    published = [
        (container["Config"]["Labels"]["com.docker.compose.service"], port["HostIp"])
        for container in stack.inspected()
        for ports in container["NetworkSettings"]["Ports"].values()
        for port in ports or ()
    ]

    assert published == [("proxy", "127.0.0.1")] * 2


@pytest.mark.parametrize(
    ("service", "installers"),
    [("dagster-code", "/venv/bin/pip"), ("bento", "/venv/bin/pip /venv/bin/uv")],
)
def test_images_carry_nothing_to_build_with(stack, service, installers):
    """Neither a compiler nor an installer, but for the one that BentoML builds Bentos with."""
    command = f"command -v gcc cc make || ls -d {installers} 2>/dev/null || echo none"

    assert stack.execute(service, "sh", "-c", command).strip() == "none"


def test_service_image_has_no_dagster(stack):
    """It can't even be imported."""
    command = "import importlib.util; print(importlib.util.find_spec('dagster'))"

    assert stack.execute("bento", "python", "-c", command).strip() == "None"


@pytest.mark.parametrize("name", ["pipeline", "service", "proxy", "postgres"])
def test_images_say_what_they_are(stack, name):
    """Labels, a health check and a user, for whoever runs them otherwise."""
    (image,) = json.loads(output_of([docker_command(), "image", "inspect", f"spike-assets-{name}"]))

    assert image["Config"]["Labels"]["org.opencontainers.image.title"] == f"spike-assets {name}"
    assert image["Config"]["Healthcheck"]
    assert image["Config"]["User"] not in {"", "0", "root"}
