"""The values for Dagster's chart: what Dagster and Kubernetes make of them.

The chart is not here, so what its templates do with the values is repeated by `instance_config`.
"""

import tomllib
from functools import cache

import dagster as dg
import pytest
import yaml
from dagster._core.errors import DagsterInvalidConfigError
from dagster._core.instance.ref import InstanceRef
from dagster_k8s import K8sRunLauncher
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.job import construct_dagster_k8s_job
from kubernetes import client

from tests.deploy.conftest import ROOT
from tests.deploy.kubernetes_models import faults_in, faults_of
from tests.deploy.pod_security import violations_of

VALUES = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "dagster" / "values.yaml").read_text())
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
(CODE_SERVER,) = VALUES["dagster-user-deployments"]["deployments"]
PODS = {
    "code server": CODE_SERVER,
    "webserver": VALUES["dagsterWebserver"],
    "daemon": VALUES["dagsterDaemon"],
}
MODELS = {
    "env": "list[V1EnvVar]",
    "envSecrets": "list[V1SecretEnvSource]",
    "initContainerResources": "V1ResourceRequirements",
    "livenessProbe": "V1Probe",
    "podSecurityContext": "V1PodSecurityContext",
    "readinessProbe": "V1Probe",
    "resources": "V1ResourceRequirements",
    "securityContext": "V1SecurityContext",
    "startupProbe": "V1Probe",
    "volumeMounts": "list[V1VolumeMount]",
    "volumes": "list[V1Volume]",
}
"""The values that the chart hands on to Kubernetes as they are."""

OF_THE_CHART = {
    "code server": {
        *("dagsterApiGrpcArgs", "image", "includeConfigInLaunchedRuns", "name", "port"),
    },
    "webserver": {"enableReadOnly", "image", "nameOverride", "replicaCount", "service"},
    "daemon": {"enabled", "image", "runCoordinator", "runMonitoring", "runRetries"},
}
"""The values that the chart reads itself, by its schema of 1.13."""

every_pod = pytest.mark.parametrize("name", PODS)


@cache
def instance_config():
    """Return the dagster.yaml that the chart makes of the values."""
    database = VALUES["postgresql"]
    launcher = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
    runs = launcher["runK8sConfig"]
    monitoring = VALUES["dagsterDaemon"]["runMonitoring"]
    coordinator = VALUES["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]
    storage = {
        "postgres_db": {
            "username": database["postgresqlUsername"],
            "password": {"env": "DAGSTER_PG_PASSWORD"},
            "hostname": database["postgresqlHost"],
            "db_name": database["postgresqlDatabase"],
            "port": database["service"]["port"],
            "params": {},
            "scheme": database["postgresqlScheme"],
        }
    }
    return {
        "run_storage": _class("dagster_postgres.run_storage", "PostgresRunStorage", storage),
        "event_log_storage": _class(
            "dagster_postgres.event_log", "PostgresEventLogStorage", storage
        ),
        "schedule_storage": _class(
            "dagster_postgres.schedule_storage", "PostgresScheduleStorage", storage
        ),
        "run_launcher": _class(
            "dagster_k8s",
            VALUES["runLauncher"]["type"],
            {
                "load_incluster_config": launcher["loadInclusterConfig"],
                "job_namespace": "dagster",
                "image_pull_policy": launcher["imagePullPolicy"],
                "service_account_name": "dagster",
                "dagster_home": VALUES["global"]["dagsterHome"],
                "instance_config_map": "dagster-instance",
                "postgres_password_secret": VALUES["global"]["postgresqlSecretName"],
                "env_secrets": [secret["name"] for secret in launcher["envSecrets"]],
                "env_vars": launcher["envVars"],
                "volume_mounts": launcher["volumeMounts"],
                "volumes": launcher["volumes"],
                "security_context": launcher["securityContext"],
                "run_k8s_config": {
                    "container_config": runs["containerConfig"],
                    "pod_spec_config": runs["podSpecConfig"],
                    "job_spec_config": runs["jobSpecConfig"],
                },
            },
        ),
        "run_coordinator": _class(
            "dagster.core.run_coordinator",
            VALUES["dagsterDaemon"]["runCoordinator"]["type"],
            {"max_concurrent_runs": coordinator["maxConcurrentRuns"]},
        ),
        "compute_logs": _class(
            "dagster.core.storage.noop_compute_log_manager", VALUES["computeLogManager"]["type"]
        ),
        "run_monitoring": {
            "enabled": monitoring["enabled"],
            "start_timeout_seconds": monitoring["startTimeoutSeconds"],
            "max_resume_run_attempts": monitoring["maxResumeRunAttempts"],
            "poll_interval_seconds": monitoring["pollIntervalSeconds"],
            "free_slots_after_run_end_seconds": monitoring["freeSlotsAfterRunEndSeconds"],
        },
        "telemetry": VALUES["telemetry"],
        **VALUES["additionalInstanceConfig"],
    }


def _class(module, name, config=None):
    return {"module": module, "class": name, "config": config or {}}


@pytest.fixture
def instance(tmp_path) -> InstanceRef:
    """The Dagster instance of that file, with a cluster that does not exist."""
    config = instance_config()
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(_kubeconfig()))
    outside = {"load_incluster_config": False, "kubeconfig_file": str(kubeconfig)}
    launcher = config["run_launcher"]
    launcher = {**launcher, "config": {**launcher["config"], **outside}}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump({**config, "run_launcher": launcher}))
    return InstanceRef.from_dir(str(tmp_path))


def _kubeconfig():
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "none",
        "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}],
        "clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "none", "user": {}}],
    }


@pytest.fixture
def job(instance, tmp_path):
    """The Kubernetes job that Dagster's own launcher makes of a run."""
    launcher = instance.run_launcher
    assert isinstance(launcher, K8sRunLauncher)
    run = dg.DagsterRun(job_name="train")
    context = K8sContainerContext.create_for_run(run, launcher, include_run_tags=True)
    made = construct_dagster_k8s_job(
        job_config=context.get_k8s_job_config("spike-assets-pipeline:1", launcher),
        args=["dagster", "api", "execute_run"],
        job_name="dagster-run-1",
        user_defined_k8s_config=context.run_k8s_config,
    )
    return client.ApiClient().sanitize_for_serialization(made)


def test_dagster_takes_the_instance(instance):
    """Its own schema of dagster.yaml knows every setting and its type."""
    assert instance.settings["run_monitoring"]["poll_interval_seconds"] == 10
    assert instance.compute_logs_data.class_name == "NoOpComputeLogManager"
    assert instance.run_coordinator_data.class_name == "QueuedRunCoordinator"


def test_setting_that_dagster_does_not_know_is_found(tmp_path):
    """Its schema is strict."""
    config = {"run_monitoring": {"enabled": True, "poll_seconds": 10}}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(config))

    with pytest.raises(DagsterInvalidConfigError, match="poll_seconds"):
        InstanceRef.from_dir(str(tmp_path))


def test_instance_is_as_under_compose():
    """One run at a time, watched and retried by the same rules; telemetry and dialogs off."""
    here = instance_config()
    there = yaml.safe_load((ROOT / "deploy" / "pipeline" / "dagster.yaml").read_text())

    assert here["run_coordinator"]["config"] == there["concurrency"]["runs"]
    assert there["run_monitoring"].items() <= here["run_monitoring"].items()
    assert VALUES["dagsterDaemon"]["runRetries"] == {"enabled": False}  # it would be there twice
    for name in ("run_retries", "telemetry", "nux"):
        assert here[name] == there[name]


def test_run_is_a_valid_job(job):
    """A restricted namespace lets it in, and it has room to write, but nowhere else."""
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert not faults_of(job)
    assert not violations_of(pod)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]  # noqa: S108
    assert {"secretRef": {"name": "spike-assets-s3"}} in container["envFrom"]
    assert container["resources"]["limits"] == {"cpu": "2", "memory": "2Gi"}


@every_pod
def test_pod_is_of_kubernetes(name):
    """Whatever the chart hands on has Kubernetes' fields and types; the rest is the chart's."""
    values = PODS[name]
    probes = {key: dict(value) for key, value in values.items() if key.endswith("Probe")}
    for probe in probes.values():
        probe.pop("enabled", None)  # the chart's own

    assert {*values} - {*MODELS} == OF_THE_CHART[name]
    for key in {*values} & {*MODELS}:
        assert not faults_in(probes.get(key, values[key]), MODELS[key])


@every_pod
def test_pod_may_run_in_a_restricted_namespace(name):
    """With the containers that wait for the database and the code server, which get the same."""
    values = PODS[name]
    container = {"name": name, "securityContext": values["securityContext"]}
    pod = {
        "securityContext": values["podSecurityContext"],
        "containers": [container],
        "volumes": values["volumes"],
    }

    assert not violations_of(pod)
    assert values["securityContext"]["readOnlyRootFilesystem"] is True
    assert {"requests", "limits"} == {*values["resources"]}


@every_pod
def test_image_is_the_pipeline_s(name):
    """One image everywhere, so that Dagster is the same version everywhere; its own user."""
    assert PODS[name]["image"]["repository"] == COMPOSE["dagster-code"]["image"]
    user, group = map(int, COMPOSE["dagster-code"]["user"].split(":"))
    assert PODS[name]["podSecurityContext"]["runAsUser"] == user
    assert PODS[name]["podSecurityContext"]["runAsGroup"] == group


def test_code_server_is_started_as_by_its_script():
    """The module, and the port that its health is asked at."""
    script = (ROOT / "deploy" / "pipeline" / "code_server.sh").read_text()
    health = (ROOT / "deploy" / "pipeline" / "code_server_health.py").read_text()

    assert " ".join(CODE_SERVER["dagsterApiGrpcArgs"]) in script
    assert f"--port {CODE_SERVER['port']}" in script
    assert f":{CODE_SERVER['port']}" in health
    assert (
        CODE_SERVER["readinessProbe"]["exec"]["command"]
        == COMPOSE["dagster-code"]["healthcheck"]["test"][1:]
    )


def test_webserver_listens_where_it_is_asked():
    """On a port that an ordinary user may take."""
    webserver = VALUES["dagsterWebserver"]
    ports = {webserver[probe]["httpGet"]["port"] for probe in webserver if "Probe" in probe}

    assert ports == {webserver["service"]["port"]}
    assert webserver["service"]["port"] >= 1024


def test_no_secret_is_in_the_values():
    """The database's password and S3's keys are secrets of the cluster."""
    assert VALUES["generatePostgresqlPasswordSecret"] is False
    assert VALUES["postgresql"]["enabled"] is False
    assert "postgresqlPassword" not in VALUES["postgresql"]
    assert CODE_SERVER["envSecrets"] == [{"name": "spike-assets-s3"}]


def test_chart_is_of_the_version_that_is_locked():
    """Dagster says to use the two in the same version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    guide = (ROOT / "docs" / "kubernetes.md").read_text()

    assert any("dagster-k8s" in one for one in project["optional-dependencies"]["pipeline"])
    assert f"--version {dg.__version__}" in guide
