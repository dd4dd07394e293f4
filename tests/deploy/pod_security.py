"""The Pod Security Standard `restricted`, as rules on the specification of a pod."""

from collections.abc import Iterator, Mapping
from typing import Any

VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
"""The kinds of volumes that a pod may have."""


def violations_of(pod: Mapping[str, Any]) -> list[str]:
    """Return what a restricted namespace would refuse a pod for."""
    of_pod = pod.get("securityContext", {})
    return [
        *(f"{name} is set" for name in ("hostNetwork", "hostPID", "hostIPC") if pod.get(name)),
        *("sysctls are set" for _ in of_pod.get("sysctls", ())),
        *(
            f"volume {volume['name']} is of another kind"
            for volume in pod.get("volumes", ())
            if not {*volume} - {"name"} <= VOLUMES
        ),
        *(
            f"container {container['name']}: {violation}"
            for kind in ("initContainers", "containers", "ephemeralContainers")
            for container in pod.get(kind, ())
            for violation in _violations_of_container(container, of_pod)
        ),
    ]


def _violations_of_container(
    container: Mapping[str, Any], of_pod: Mapping[str, Any]
) -> Iterator[str]:
    of_container = container.get("securityContext", {})
    effective = {**of_pod, **of_container}
    capabilities = of_container.get("capabilities", {})
    if of_container.get("privileged"):
        yield "is privileged"
    if of_container.get("allowPrivilegeEscalation") is not False:
        yield "may escalate privileges"
    if effective.get("runAsNonRoot") is not True:
        yield "may run as root"
    if effective.get("runAsUser") == 0:
        yield "runs as root"
    if effective.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        yield "has no seccomp profile"
    if capabilities.get("drop") != ["ALL"]:
        yield "keeps capabilities"
    if not {*capabilities.get("add", ())} <= {"NET_BIND_SERVICE"}:
        yield "adds capabilities"
    if of_container.get("procMount", "Default") != "Default":
        yield "sees more of /proc"
    if any(port.get("hostPort") for port in container.get("ports", ())):
        yield "takes a port of its node"
