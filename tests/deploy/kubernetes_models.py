"""Manifests against the models of Kubernetes' own Python client, and stricter than that client."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubernetes import client

_SIMPLE = {"str": str, "int": int, "bool": bool, "float": (int, float)}


def faults_of(manifest: Mapping[str, Any]) -> list[str]:
    """Return what a manifest holds that its kind does not have, or lacks, or in another type."""
    group, _, version = manifest["apiVersion"].rpartition("/")
    kind = manifest["kind"]
    api = getattr(client, f"{(group or 'core').split('.')[0].title()}{version.title()}Api")
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
    if not (hasattr(api, f"create_{name}") or hasattr(api, f"create_namespaced_{name}")):
        return [f"{manifest['apiVersion']} has no {kind}"]
    return faults_in(manifest, f"{version.upper()}{kind}")


def faults_in(value: Any, kind: str) -> list[str]:
    """Return the same of a part, by the name of its model, as `V1Probe`."""
    return list(_faults(value, kind, kind))


def _faults(value: Any, kind: str, path: str) -> Iterator[str]:
    if element := re.fullmatch(r"list\[(.+)\]", kind):
        yield from _faults_of_items(value, list, enumerate, element[1], path)
    elif element := re.fullmatch(r"dict[(\[]str, (.+)[)\]]", kind):
        yield from _faults_of_items(value, dict, dict.items, element[1], path)
    elif kind in _SIMPLE:
        if not isinstance(value, _SIMPLE[kind]) or isinstance(value, bool) != (kind == "bool"):
            yield f"{path}: {value!r} is no {kind}"
    elif kind != "object":  # which is a number or a text, as a port
        yield from _faults_of_fields(value, getattr(client, kind), path)


def _faults_of_items(value: Any, expected: type, items: Any, kind: str, path: str) -> Iterator[str]:
    if not isinstance(value, expected):
        yield f"{path}: {value!r} is no {expected.__name__}"
        return
    for key, item in items(value):
        yield from _faults(item, kind, f"{path}[{key}]")


def _faults_of_fields(value: Any, model: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no {model.__name__}"
        return
    fields = {written: attribute for attribute, written in model.attribute_map.items()}
    for unknown in value.keys() - fields.keys():
        yield f"{path}.{unknown}: {model.__name__} has no such field"
    known = {fields[written]: one for written, one in value.items() if written in fields}
    try:
        model(**known)  # which refuses what lacks something
    except ValueError as error:
        yield f"{path}: {error}"
    for attribute, one in known.items():
        written = model.attribute_map[attribute]
        yield from _faults(one, model.openapi_types[attribute], f"{path}.{written}")
