"""The promises of docker-compose.yml for every container."""

import re

import pytest
import yaml

from tests.deploy.conftest import ROOT, STOPS_WITHIN_S

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
ONCE = {"init", "first-run"}
"""The services that do their work and end."""

every_service = pytest.mark.parametrize("name", SERVICES)


def test_services_are_those_of_the_architecture():
    """One process, one service."""
    assert set(SERVICES) == ONCE | {
        "postgres",
        "dagster-code",
        "dagster-daemon",
        "dagster-webserver",
        "dask-scheduler",
        "dask-worker",
        "bento",
        "proxy",
    }


def test_file_has_no_version():
    """Compose 1.29 and 2 then read it by the same rules, limits and conditions included."""
    assert "version" not in COMPOSE


@every_service
def test_container_is_nobody_special(name):
    """Not root, without capabilities, on a file system that can't be written."""
    service = SERVICES[name]

    assert service["user"] in {"10001:10001", "postgres"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]


@every_service
def test_container_has_limits(name):
    """Memory, processors, and the room that its log takes."""
    service = SERVICES[name]

    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert 0 < service["cpus"] <= 2
    assert service["logging"] == {
        "driver": "json-file",
        "options": {"max-size": "10m", "max-file": "5"},
    }


@every_service
def test_container_is_reaped_and_restarted(name):
    """An init passes signals on; what serves comes back, what ran once does not."""
    service = SERVICES[name]

    assert service["init"] is True
    assert service["restart"] == {"init": "no", "first-run": "on-failure"}.get(
        name, "unless-stopped"
    )


@every_service
def test_container_is_asked_for_its_health(name):
    """Whatever serves; the rest has an exit code."""
    check = SERVICES[name]["healthcheck"]

    if name in ONCE:
        assert check == {"disable": True}
    else:
        assert {"test", "interval", "timeout", "retries"} <= {*check}


@every_service
def test_image_is_built_from_here(name):
    """The same build wherever the image is used, as Compose 2 would pull it otherwise."""
    service = SERVICES[name]
    context = service["build"]

    assert context["context"] == "."
    assert (ROOT / context["dockerfile"]).is_file()
    builds = {str(one["build"]) for one in SERVICES.values() if one["image"] == service["image"]}
    assert len(builds) == 1


@every_service
def test_no_secret_is_in_the_environment(name):
    """Secrets are files; a variable names the file at most."""
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search("KEY|PASS|SECRET|TOKEN", variable):
            assert str(value).startswith("/run/secrets/")
        assert not re.search(r"://[^/\s]*:[^/\s]*@", str(value))  # a URL with a password in it


def test_only_the_proxy_has_ports_and_on_loopback():
    """Whoever comes from elsewhere has no way around the login."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert list(published) == ["proxy"]
    assert all(port.startswith("127.0.0.1:") for port in published["proxy"])


def test_only_the_proxy_has_a_way_out():
    """The other networks end at this machine."""
    outward = {name for name, one in COMPOSE["networks"].items() if not (one or {}).get("internal")}

    assert outward == {"outside"}
    assert {name for name, one in SERVICES.items() if outward & {*one.get("networks", ())}} == {
        "proxy"
    }
    assert SERVICES["init"]["network_mode"] == "none"


def test_proxy_reaches_the_database_by_no_network():
    """The exposed proxy sees the UI and the service alone."""
    assert not {*SERVICES["proxy"]["networks"]} & {*SERVICES["postgres"]["networks"]}
    assert not {*SERVICES["bento"]["networks"]} & {*SERVICES["postgres"]["networks"]}


def test_cluster_is_started_on_request_and_kept_apart():
    """Its scheduler runs what it is sent, so none but the code server reaches it."""
    cluster = {name for name, service in SERVICES.items() if "profiles" in service}

    assert cluster == {"dask-scheduler", "dask-worker"}
    assert all(
        SERVICES[name]["profiles"] == SERVICES[name]["networks"] == ["dask"] for name in cluster
    )
    beside = {name for name, one in SERVICES.items() if "dask" in one.get("networks", ())}
    assert beside - cluster == {"dagster-code"}
    assert not any("volumes" in SERVICES[name] for name in cluster)


def test_services_wait_for_what_they_need():
    """Healthy, or done; and nobody waits for himself."""
    order: list[str] = []
    waiting = {name: dict(one.get("depends_on", {})) for name, one in SERVICES.items()}
    while waiting:
        ready = sorted(name for name, needs in waiting.items() if {*needs} <= {*order})
        assert ready, f"in a circle: {waiting}"
        order += ready
        waiting = {name: needs for name, needs in waiting.items() if name not in ready}

    chain = ("init", "postgres", "dagster-code", "dagster-daemon", "dagster-webserver", "proxy")
    assert sorted(chain, key=order.index) == list(chain)
    for service in SERVICES.values():
        for needed, condition in service.get("depends_on", {}).items():
            done = "service_completed_successfully" if needed in ONCE else "service_healthy"
            assert condition == {"condition": done}


def test_model_store_is_read_only_where_it_is_only_read():
    """The code server alone writes models; the service reads what it promoted."""
    mounted = {
        name: volume
        for name, service in SERVICES.items()
        for volume in service.get("volumes", ())
        if volume.startswith("models:")
    }

    assert {name for name, volume in mounted.items() if not volume.endswith(":ro")} == {
        "dagster-code"
    }
    assert "bento" in mounted


def test_secrets_are_mounted_where_they_are_needed_alone():
    """The service does not see the database's password, nor the proxy the key."""
    seen = {
        name: {volume.split(":")[0] for volume in service.get("volumes", ()) if "-secret" in volume}
        for name, service in SERVICES.items()
    }

    assert seen.pop("init") == {"database-secret", "login-secret", "service-secret"}
    assert seen.pop("bento") == {"service-secret"}
    assert seen.pop("proxy") == {"login-secret"}
    assert seen.pop("dask-scheduler") == seen.pop("dask-worker") == set()
    assert all(secrets == {"database-secret"} for secrets in seen.values())


def test_service_can_be_multiplied():
    """`--scale bento=3` needs a service without a fixed name or port."""
    assert not {"container_name", "hostname", "ports"} & {*SERVICES["bento"]}


def test_service_has_time_to_stop():
    """The engine kills it only after the longest stop, which ends with the prediction log."""
    assert int(SERVICES["bento"]["stop_grace_period"].removesuffix("s")) > STOPS_WITHIN_S


def test_volumes_are_all_declared():
    """Every name that is mounted, and no name that is not."""
    mounted = {
        re.sub(r"^\$\{\w+:-([\w-]+)\}", r"\1", volume).split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
    }

    assert mounted == {*COMPOSE["volumes"]}
