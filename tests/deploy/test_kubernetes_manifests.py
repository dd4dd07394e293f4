"""The manifests of the service: against Kubernetes' models, its security rules, and the code."""

import copy
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from bento.edge.edge import HEALTH_PATHS
from bento.service import MilkPriceService
from bento.settings import Settings
from tests.deploy.conftest import ROOT, STOPS_WITHIN_S
from tests.deploy.kubernetes_models import faults_of
from tests.deploy.pod_security import violations_of

KUBERNETES = ROOT / "deploy" / "kubernetes"
BASE = KUBERNETES / "service" / "base"
S3 = KUBERNETES / "service" / "s3"
LABELS = {"app.kubernetes.io/name": "spike-assets"}
PORT = MilkPriceService.config["http"]["port"]


def _built_from(folder: Path) -> list[dict]:
    """Read what a folder's kustomization lists, folders by their own; patches are left out."""
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    return [
        manifest
        for path in (folder / name for name in listed)
        for manifest in (
            _built_from(path) if path.is_dir() else yaml.safe_load_all(path.read_text())
        )
    ]


MANIFESTS = [*_built_from(S3), *_built_from(KUBERNETES / "dagster")]
OF_BASE = {manifest["kind"]: manifest for manifest in _built_from(BASE)}
POD = OF_BASE["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]

every_manifest = pytest.mark.parametrize(
    "manifest", MANIFESTS, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)


@pytest.fixture(scope="session")
def kustomize():
    """A build of a folder as by `kubectl apply -k`; no cluster is asked."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("no kubectl here; Debian's is too old to build these folders")
    environment = {**os.environ, "KUBECONFIG": os.devnull}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    version = json.loads(run("version", "--client", "--output=json")).get("kustomizeVersion", "v2")
    if int(re.match(r"v(\d+)", version)[1]) < 5:
        pytest.skip(f"kubectl has kustomize {version}; version 5 or newer builds these folders")
    return lambda folder: list(yaml.safe_load_all(run("kustomize", str(folder))))


@every_manifest
def test_manifest_is_one_of_kubernetes(manifest):
    """Every field, its type, and what is required."""
    assert not faults_of(manifest)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda pod: pod.update(termnationGracePeriodSeconds=30), "V1PodSpec has no such field"),
        (lambda pod: pod["containers"][0].pop("name"), "must not be `None`"),
        (lambda pod: pod.update(terminationGracePeriodSeconds="30"), "'30' is no int"),
        (lambda pod: pod["containers"][0]["env"][1].update(value=5000), "5000 is no str"),
        (lambda pod: pod.update(automountServiceAccountToken=0), "0 is no bool"),
        (lambda pod: pod.update(containers=pod["containers"][0]), "is no list"),
        (lambda pod: pod.update(securityContext="restricted"), "is no V1PodSecurityContext"),
    ],
)
def test_fault_of_a_manifest_is_found(change, fault):
    """The check is strict where the API server is, and where the client is not."""
    manifest = copy.deepcopy(OF_BASE["Deployment"])
    change(manifest["spec"]["template"]["spec"])

    (found,) = faults_of(manifest)

    assert fault in found


def test_kind_of_another_group_is_found():
    """A kind that exists, but not there."""
    manifest = {**OF_BASE["Deployment"], "apiVersion": "batch/v1"}

    assert faults_of(manifest) == ["batch/v1 has no Deployment"]


def test_pod_may_run_in_a_restricted_namespace():
    """The strictest Pod Security Standard, and a file system that can't be written."""
    assert not violations_of(POD)
    assert CONTAINER["securityContext"]["readOnlyRootFilesystem"] is True
    assert POD["automountServiceAccountToken"] is False
    assert OF_BASE["ServiceAccount"]["automountServiceAccountToken"] is False
    assert POD["serviceAccountName"] == OF_BASE["ServiceAccount"]["metadata"]["name"]


@pytest.mark.parametrize(
    ("change", "violation"),
    [
        (lambda pod: pod.update(hostNetwork=True), "hostNetwork is set"),
        (lambda pod: pod["securityContext"].pop("seccompProfile"), "has no seccomp profile"),
        (lambda pod: pod["securityContext"].update(runAsUser=0), "runs as root"),
        (lambda pod: pod["volumes"].append({"name": "x", "hostPath": {}}), "of another kind"),
        (
            lambda pod: pod["containers"][0]["securityContext"].update(runAsNonRoot=False),
            "may run as root",
        ),
        (
            lambda pod: pod["containers"][0]["securityContext"].pop("allowPrivilegeEscalation"),
            "may escalate privileges",
        ),
        (
            lambda pod: pod["containers"][0]["securityContext"].update(
                capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}
            ),
            "adds capabilities",
        ),
        (lambda pod: pod["initContainers"].append({"name": "x"}), "keeps capabilities"),
    ],
)
def test_violation_of_the_standard_is_found(change, violation):
    """The rules do refuse something."""
    pod = {**copy.deepcopy(POD), "initContainers": []}
    change(pod)

    assert any(violation in found for found in violations_of(pod))


@pytest.mark.parametrize("folder", [BASE, KUBERNETES / "dagster"], ids=["service", "dagster"])
def test_namespace_is_restricted_and_holds_everything(folder):
    """Its pods are held to the standard by the API server, too."""
    namespaces = [one for one in _built_from(folder) if one["kind"] == "Namespace"]
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())

    (metadata,) = (one["metadata"] for one in namespaces)
    assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert metadata["name"] == kustomization["namespace"]


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_probe_asks_what_needs_no_key(probe):
    """A path of the service that is answered whoever asks."""
    asked = CONTAINER[probe]["httpGet"]

    assert asked["path"] in HEALTH_PATHS
    assert asked["path"] == ("/readyz" if probe == "readinessProbe" else "/livez")
    assert asked["port"] in {port["name"] for port in CONTAINER["ports"]}


def test_ports_are_the_service_s():
    """From its own configuration to whoever may come in."""
    environment = {one["name"]: one["value"] for one in CONTAINER["env"]}
    (port,) = CONTAINER["ports"]
    (published,) = OF_BASE["Service"]["spec"]["ports"]
    ((allowed,),) = (rule["ports"] for rule in OF_BASE["NetworkPolicy"]["spec"]["ingress"])

    assert int(environment["BENTOML_PORT"]) == port["containerPort"] == PORT
    assert published["targetPort"] == port["name"]
    assert published["port"] == PORT
    assert allowed == {"port": PORT, "protocol": "TCP"}


def test_selectors_find_the_pods():
    """One label, by which everything else finds them."""
    specification = OF_BASE["Deployment"]["spec"]

    assert specification["template"]["metadata"]["labels"] == LABELS
    assert specification["selector"]["matchLabels"] == LABELS
    assert OF_BASE["Service"]["spec"]["selector"] == LABELS
    assert OF_BASE["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == LABELS
    for manifest in MANIFESTS:
        if manifest["kind"] == "NetworkPolicy" and "s3" in manifest["metadata"]["name"]:
            assert manifest["spec"]["podSelector"]["matchLabels"] == LABELS
    for constraint in POD["topologySpreadConstraints"]:
        assert constraint["labelSelector"]["matchLabels"] == LABELS


def test_variables_are_known_to_the_service():
    """A variable that nobody reads is a misspelt one."""
    names = {one["name"] for one in CONTAINER["env"] if one["name"].startswith("SPIKE_")}

    assert names == {"SPIKE_API_KEY_FILE", "SPIKE_PREDICTION_LOG"}
    assert names <= {f"SPIKE_{setting.upper()}" for setting in Settings.model_fields}


def test_variables_of_the_guide_are_read_somewhere():
    """Those that it says to put into secrets."""
    named = {*re.findall(r"SPIKE_[A-Z_]+", (ROOT / "docs" / "kubernetes.md").read_text())}
    code = "".join(
        file.read_text()
        for folder in ("bento", "spike_assets")
        for file in (ROOT / folder).rglob("*.py")
    )

    assert named == {"SPIKE_DATA_DIR", "SPIKE_MODEL_STORE", "SPIKE_STORAGE"}
    assert all(f'"{name}"' in code for name in named)


def test_key_is_a_file_of_a_secret_that_is_not_here():
    """No manifest holds a secret; the variable names the file that is mounted."""
    environment = {one["name"]: one["value"] for one in CONTAINER["env"]}
    mounted = {mount["name"]: mount["mountPath"] for mount in CONTAINER["volumeMounts"]}
    sources = {volume["name"]: volume for volume in POD["volumes"]}

    assert environment["SPIKE_API_KEY_FILE"] == f"{mounted['api-key']}/api_key"
    assert sources["api-key"]["secret"]["secretName"] == "spike-assets-api-key"
    assert "Secret" not in {manifest["kind"] for manifest in MANIFESTS}


def test_proxy_is_believed_about_its_clients_as_under_compose():
    """Nobody else gets to the port, but Prometheus, which forwards nothing."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["bento"]
    environment = {one["name"]: one["value"] for one in CONTAINER["env"]}
    sources = _sources(OF_BASE["NetworkPolicy"]["spec"])

    assert environment["FORWARDED_ALLOW_IPS"] == compose["environment"]["FORWARDED_ALLOW_IPS"]
    assert len(sources) == 2


def test_what_is_written_has_bounds():
    """The folder for temporary files, memory and processors."""
    (written,) = (volume for volume in POD["volumes"] if "emptyDir" in volume)

    assert written["emptyDir"]["sizeLimit"] == "256Mi"
    assert {"cpu", "memory"} <= {*CONTAINER["resources"]["requests"]}
    assert {"cpu", "memory"} <= {*CONTAINER["resources"]["limits"]}


def test_replica_is_out_of_service_before_it_stops():
    """The wait and the stop fit into the time that there is."""
    wait_s = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert 5 <= wait_s <= POD["terminationGracePeriodSeconds"] - STOPS_WITHIN_S


def test_a_replica_always_remains():
    """Neither an update nor a drain nor the autoscaler takes the last one."""
    specification = OF_BASE["Deployment"]["spec"]

    assert specification["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert "replicas" not in specification  # each `kubectl apply` would undo the autoscaler
    budget = OF_BASE["PodDisruptionBudget"]["spec"]["minAvailable"]
    assert 1 <= budget < OF_BASE["HorizontalPodAutoscaler"]["spec"]["minReplicas"]


def test_autoscaler_asks_for_what_the_adapter_makes():
    """The same name in both, of the same replicas; processor time is a share of what is asked."""
    specification = OF_BASE["HorizontalPodAutoscaler"]["spec"]
    values = yaml.safe_load((KUBERNETES / "metrics" / "adapter_values.yaml").read_text())
    metrics = {one["type"]: one for one in specification["metrics"]}
    (rule,) = values["rules"]["custom"]

    assert specification["scaleTargetRef"]["name"] == OF_BASE["Deployment"]["metadata"]["name"]
    assert metrics["Pods"]["pods"]["metric"]["name"] == rule["name"]["as"]
    assert metrics["Resource"]["resource"]["name"] in CONTAINER["resources"]["requests"]


def test_prometheus_looks_where_the_pods_are():
    """The labels and the port that the scrape keeps are the pod's."""
    (job,) = yaml.safe_load((KUBERNETES / "metrics" / "scrape_config.yaml").read_text())
    kept = {
        rule["source_labels"][0].removeprefix("__meta_kubernetes_pod_"): rule["regex"]
        for rule in job["relabel_configs"]
        if rule.get("action") == "keep"
    }
    (namespaces,) = (one["namespaces"]["names"] for one in job["kubernetes_sd_configs"])

    assert kept == {
        "label_app_kubernetes_io_name": LABELS["app.kubernetes.io/name"],
        "container_port_name": CONTAINER["ports"][0]["name"],
    }
    assert namespaces == [OF_BASE["Namespace"]["metadata"]["name"]]
    assert job["authorization"]["type"] == "Bearer"


def test_nothing_gets_out_of_the_base():
    """Not even the name server is asked, as the models are inside."""
    policy = OF_BASE["NetworkPolicy"]["spec"]

    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["egress"] == []
    assert all({*source} == {"namespaceSelector", "podSelector"} for source in _sources(policy))


def test_only_s3_gets_out_of_the_overlay():
    """Names, and public addresses by TLS; not the cluster, nor its nodes' credentials."""
    (policy,) = (one["spec"] for one in MANIFESTS if one["metadata"]["name"] == "spike-assets-s3")
    names, outside = policy["egress"]

    assert {(port["port"], port["protocol"]) for port in names["ports"]} == {
        (53, "UDP"),
        (53, "TCP"),
    }
    assert outside["ports"] == [{"port": 443, "protocol": "TCP"}]
    assert "169.254.0.0/16" in outside["to"][0]["ipBlock"]["except"]


def test_images_are_named_as_everywhere():
    """The overlay's image is the one of docker-compose.yml, with its user; the base's a Bento."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["bento"]
    patched = yaml.safe_load((S3 / "model_store.yaml").read_text())["spec"]["template"]["spec"]
    guide = (ROOT / "docs" / "kubernetes.md").read_text()

    assert patched["containers"][0]["image"] == compose["image"]
    assert patched["securityContext"]["runAsUser"] == int(compose["user"].split(":")[0])
    assert f"--image-tag {CONTAINER['image']}:" in guide


def test_base_is_built_as_it_is_written(kustomize):
    """By kustomize itself: nothing is added but the namespace."""
    built = kustomize(BASE)

    written = _built_from(BASE)
    for manifest in written:
        if manifest["kind"] != "Namespace":
            manifest["metadata"]["namespace"] = "spike-assets"
    assert sorted(built, key=_name) == sorted(written, key=_name)


def test_overlay_follows_a_store_on_s3(kustomize):
    """By kustomize itself: another image and user, a folder for models, S3's secret; all valid."""
    built = {_name(one): one for one in kustomize(S3)}

    assert not [fault for manifest in built.values() for fault in faults_of(manifest)]
    pod = built["Deployment", "spike-assets"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert not violations_of(pod)
    assert container["image"] == "spike-assets-service"
    assert {one["name"] for one in CONTAINER["env"]} == {one["name"] for one in container["env"]}
    assert container["envFrom"] == [{"secretRef": {"name": "spike-assets-s3"}}]
    assert {mount["name"] for mount in container["volumeMounts"]} == {"api-key", "models", "tmp"}
    assert ("NetworkPolicy", "spike-assets") in built


def _name(manifest):
    return manifest["kind"], manifest["metadata"]["name"]


def _sources(policy):
    return [source for rule in policy["ingress"] for source in rule["from"]]
