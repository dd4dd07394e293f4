"""Bodies that nobody sends by mistake, to each endpoint of a real service."""

import json
import pickle
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bento.settings import Settings

ANSWERED_WITHIN_S = 2.0
MAX_ANSWER_BYTES = 10_000
DEPTH = 100_000
BODY_LIMIT = Settings().body_limit_bytes

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = json.loads((ROOT / "examples" / "request.json").read_text())
ROW = EXAMPLE["query"][0]

VALID: dict[str, dict[str, Any]] = {
    "/predict": {"query": [ROW], "model": "model2"},
    "/forecast": {"horizon": 1},
    "/evaluate": {"actuals": [{"month": "2021-02", "price_clp_per_litre": 290.5}]},
}
_PLACES = {
    "/predict": f'"PIB": {ROW["PIB"]}',
    "/forecast": '"horizon": 1',
    "/evaluate": '"price_clp_per_litre": 290.5',
}
"""A number in each of them, with its name."""

_LISTS = {"/predict": "query", "/forecast": "observations", "/evaluate": "actuals"}


@dataclass(frozen=True)
class Hostile:
    """A body, made for an endpoint, and what is said of it.

    Attributes:
        content: Makes the bytes from the path.
        status: What has to come of it.
        headers: Instead of those of JSON.
    """

    content: Callable[[str], bytes]
    status: int = 400
    headers: Mapping[str, str] = field(default_factory=dict)


def valid(path: str) -> bytes:
    return json.dumps(VALID[path]).encode()


def number(text: str) -> Hostile:
    """Write something else in the place of a number."""

    def content(path: str) -> bytes:
        name = _PLACES[path].partition(":")[0]
        body = valid(path).decode()
        assert _PLACES[path] in body
        return body.replace(_PLACES[path], f"{name}: {text}").encode()

    return Hostile(content)


def extra(member: str) -> Hostile:
    """Add a member to the object."""
    return Hostile(lambda path: valid(path)[:-1] + f", {member}}}".encode())


def items(item: str, *, n: int) -> Hostile:
    """Fill the list that an endpoint takes."""
    return Hostile(lambda path: f'{{"{_LISTS[path]}": [{", ".join([item] * n)}]}}'.encode())


def raw(content: bytes) -> Hostile:
    return Hostile(lambda _: content)


def encoded(encoding: str) -> Hostile:
    """Write the whole body, with a name that is not ASCII, in another encoding."""
    return Hostile(
        lambda path: json.dumps(VALID[path] | {"año": 1}, ensure_ascii=False).encode(encoding)
    )


def called(content_type: str, content: bytes | None = None, **headers: str) -> Hostile:
    """Say that a valid body, or another one, is something else than JSON."""
    named = {"Content-Type": content_type} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return Hostile(lambda path: content or valid(path), status=415, headers=named)


def twice_within(path: str) -> bytes:
    """Repeat a member of the innermost object."""
    return valid(path).replace(_PLACES[path].encode(), f"{_PLACES[path]}, {_PLACES[path]}".encode())


def padded(path: str) -> bytes:
    """Fill a valid body up with spaces to one byte more than may be."""
    return valid(path).ljust(BODY_LIMIT + 1)


MULTIPART = (
    b'--edge\r\nContent-Disposition: form-data; name="query"; filename="a.json"\r\n\r\n[]\r\n'
    b"--edge--\r\n"
)

STRANGERS = ", ".join(f'"a{n}": {n}' for n in range(100_000))

HOSTILE = {
    "arrays-deep": raw(b"[" * DEPTH + b"]" * DEPTH),
    "arrays-deep-and-open": raw(b"[" * DEPTH),
    "objects-deep": raw(b'{"a":' * DEPTH + b"1" + b"}" * DEPTH),
    "arrays-deep-in-a-field": number("[" * DEPTH + "]" * DEPTH),
    "objects-deep-in-a-field": number('{"a":' * DEPTH + "1" + "}" * DEPTH),
    "arrays-as-deep-as-is-read": number("[" * 900 + "]" * 900),
    "5000-digits": number("9" * 5000),
    "4000-digits": number("9" * 4000),
    "minus-4000-digits": number("-" + "9" * 4000),
    "5000-digits-after-the-point": number("9" * 400 + "." + "9" * 5000),
    "exponent-too-large": number("1e400"),
    "exponent-of-5000-digits": number("1e" + "9" * 5000),
    "minus-zero": number("-0"),
    "minus-zero-point-zero": number("-0.0"),
    "not-a-number": number("NaN"),
    "infinity": number("Infinity"),
    "minus-infinity": number("-Infinity"),
    "hexadecimal": number("0x10"),
    "leading-zero": number("012"),
    "number-as-text": number('"1"'),
    "number-of-a-million-spaces": number(" " * 1_000_000 + "true"),
    "name-twice": extra('"model": "model1", "model": "model1"'),
    "name-twice-within": Hostile(twice_within),
    "name-twice-escaped": extra('"mod\\u0065l": "model1", "model": "model1"'),
    "name-twice-in-a-stranger": extra('"a": [{"b": {"c": 1, "c": 2}}]'),
    "prototype": extra('"__proto__": {"horizon": 1}, "__class__": 1'),
    "utf-16": encoded("utf-16"),
    "utf-16-without-a-mark": encoded("utf-16-le"),
    "utf-32": encoded("utf-32"),
    "utf-8-with-a-mark": Hostile(lambda path: b"\xef\xbb\xbf" + valid(path)),
    "latin-1": encoded("latin-1"),
    "surrogate-bytes": Hostile(lambda path: valid(path)[:-1] + b', "\xed\xa0\x80": 1}'),
    "overlong-bytes": Hostile(lambda path: valid(path)[:-1] + b', "\xc0\xaf": 1}'),
    "lone-surrogate-as-a-name": extra('"\\ud800": 1'),
    "lone-surrogate-as-a-value": number('"\\udfff"'),
    "name-of-a-megabyte": extra(f'"{"a" * 1_000_000}": 1'),
    "value-of-a-megabyte": number(f'"{"a" * 1_000_000}"'),
    "100000-strangers": extra(STRANGERS),
    "100000-strangers-in-an-item": items(f"{{{STRANGERS}}}", n=1),
    "1000-strangers-in-each-of-500-items": items(
        "{" + ", ".join(f'"{n}": 1' for n in range(1000)) + "}", n=500
    ),
    "20000-empty-items": items("{}", n=20_000),
    "a-million-numbers-for-items": items("1", n=1_000_000),
    "nul-bytes": raw(bytes(1000)),
    "nul-byte-before": Hostile(lambda path: b"\0" + valid(path)),
    "nul-byte-after": Hostile(lambda path: valid(path) + b"\0"),
    "nul-in-a-name": extra('"\\u0000": 1'),
    "raw-nul-in-a-name": extra('"\0": 1'),
    "line-end-in-a-name": extra('"a\nb": 1'),
    "empty": raw(b""),
    "spaces": raw(b" " * 1000),
    "null": raw(b"null"),
    "true": raw(b"true"),
    "text": raw(b'"query"'),
    "a-number": raw(b"7"),
    "array-of-bodies": Hostile(lambda path: b"[" + valid(path) + b"]"),
    "two-bodies": Hostile(lambda path: valid(path) + valid(path)),
    "garbage-after": Hostile(lambda path: valid(path) + b"x"),
    "comma-after": Hostile(lambda path: valid(path)[:-1] + b",}"),
    "comment": Hostile(lambda path: b"/* */" + valid(path)),
    "single-quotes": Hostile(lambda path: valid(path).replace(b'"', b"'")),
    "cut-off": Hostile(lambda path: valid(path)[:-2]),
    "pickle": called("application/vnd.bentoml+pickle", pickle.dumps(VALID)),
    "octets": called("application/octet-stream"),
    "form": called("application/x-www-form-urlencoded", b"horizon=1"),
    "multipart": called("multipart/form-data; boundary=edge", MULTIPART),
    "plain-text": called("text/plain"),
    "no-content-type": called(""),
    "json-of-another-charset": called("application/json; charset=utf-16"),
    "gzip": called("application/json", content_encoding="gzip"),
    "deflate-after-identity": called("application/json", content_encoding="identity, deflate"),
    "a-byte-too-large": Hostile(padded, status=413),
}


@pytest.fixture(scope="module", autouse=True)
def _no_fault_of_the_service(sample_service):
    """Whatever was sent, the log of the service has no error of it."""
    n_characters = len(sample_service.log)
    yield
    logged = sample_service.log[n_characters:]
    assert "Traceback" not in logged
    assert '"level": "ERROR"' not in logged


@pytest.mark.parametrize("path", VALID)
def test_body_that_the_hostile_ones_are_made_from_is_answered(sample_service, path):
    """What is refused of the others is what is hostile in them."""
    assert sample_service.client.post(path, json=VALID[path]).status_code == 200


@pytest.mark.parametrize("path", VALID)
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_hostile_body_is_refused_in_time_and_does_no_harm(sample_service, hostile, path):
    """A short problem document comes back within two seconds, and the next request is answered."""
    content = hostile.content(path)
    began_s = time.monotonic()
    answer = sample_service.client.post(
        path, content=content, headers={"Content-Type": "application/json"} | hostile.headers
    )
    took_s = time.monotonic() - began_s

    assert answer.status_code == hostile.status, answer.text[:500]
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == hostile.status
    assert problem["detail"]
    assert len(answer.content) <= MAX_ANSWER_BYTES
    assert took_s <= ANSWERED_WITHIN_S
    assert sample_service.client.get("/version").status_code == 200
