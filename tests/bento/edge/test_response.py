"""Responses: the same headers on all, one form of error, and an end to every request."""

import json

import httpx
import pytest

from bento.edge.problems import REASONS

GENERAL = "The service failed; details are in the log under request id lost"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize("path", ["/fail", "/silent", "/half-an-error"])
def test_application_that_fails_is_a_500_that_names_the_request_and_nothing_else(edge, path):
    """The client can ask for what stands in the log."""
    answer = edge.client.get(path, headers={"X-Request-ID": "lost"})

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == GENERAL
    assert "secret" not in answer.text
    assert edge.reasons() == ["internal_error"]


def test_log_has_the_traceback_under_the_request_id(edge):
    """Once, on one line."""
    edge.client.get("/fail", headers={"X-Request-ID": "traced"})
    edge.access_line("traced")

    lines = [line for line in edge.log() if line.get("request_id") == "traced"]
    (line,) = [line for line in lines if "exc_info" in line]
    assert line["level"] == "ERROR"
    assert line["message"] == "GET /fail failed"
    assert "Traceback" in line["exc_info"]
    assert "ZeroDivisionError: a secret of the service" in line["exc_info"]


def test_answer_that_fails_half_way_ends_the_connection(edge):
    """The client must not take the half for the whole."""
    with pytest.raises(httpx.RemoteProtocolError):
        edge.client.get("/fail-late", headers={"X-Request-ID": "late"})

    assert any("exc_info" in line for line in edge.log() if line.get("request_id") == "late")
    assert edge.client.get("/models").status_code == 200


@pytest.mark.parametrize(
    ("status", "kind", "body", "detail"),
    [
        (404, "text/plain", "no such model", "no such model"),
        (404, "text/plain", "", "Not Found"),
        (409, "application/json", '{"error": "already there"}', "already there"),
        (400, "application/json", '[{"error": "wrong"}]', "wrong"),
        (400, "application/json", '{"error": "1 fault", "detail": [{"msg": "x"}]}', "1 fault"),
        (400, "application/json", '{"error": {"a": 1}}', "Bad Request"),
        (400, "application/json", "[]", "Bad Request"),
        (400, "application/json", "7", "Bad Request"),
        (400, "application/json", "{", "Bad Request"),
        (400, "text/html", "<p>no", "Bad Request"),
        (418, "text/plain", "x" * 2000, "x" * 1000),
        (499, "text/plain", "odd", "odd"),
        (500, "text/plain", "a secret", GENERAL),
        (502, "application/json", '{"error": "a secret"}', GENERAL),
        (503, "text/plain", "a secret", "The service is unavailable; retry later"),
        (504, "application/json", '{"error": "60 s"}', "The response took too long"),
    ],
)
def test_error_in_another_form_becomes_a_problem_of_the_same_status(
    edge, status, kind, body, detail
):
    """The reason is kept where it is meant for clients, and so are the headers."""
    answer = edge.client.get(
        "/error",
        params={"status": status, "kind": kind, "body": body},
        headers={"X-Request-ID": "lost"},
    )

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"] == detail
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["Allow"] == "PUT"
    assert answer.headers["X-Of-The-App"] == "kept"
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_very_large_body_of_an_error_is_not_read(edge):
    """No reason is that long."""
    body = '{"error": "read"}'
    asked = {"status": 400, "kind": "application/json", "body": body}

    answers = [edge.client.get("/error", params=asked | {"pad": pad}) for pad in (1000, 70_000)]

    assert [answer.json()["detail"] for answer in answers] == ["read", "Bad Request"]


def test_problem_of_the_application_is_left_as_it_is(edge):
    """It knows better what went wrong."""
    body = json.dumps({"type": "about:blank", "status": 422, "detail": "mine", "errors": []})

    answer = edge.client.get(
        "/error", params={"status": 422, "kind": "application/problem+json", "body": body}
    )

    assert answer.status_code == 422
    assert answer.text == body


def test_answer_below_400_is_left_as_it_is(edge):
    """Only errors are touched."""
    answer = edge.client.get("/error", params={"status": 302, "body": "there"})

    assert answer.text == "there"
    assert edge.rejected == []


def test_reason_of_a_service_that_is_not_ready_is_kept(edge):
    """Whoever watches it reads what to do, although the status is a 503."""
    edge.service.not_ready_because = "no model is promoted; run `make run`"

    answer = edge.client.get("/readyz")

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "no model is promoted; run `make run`"
    assert edge.reasons() == ["unavailable"]


@pytest.mark.parametrize("path", ["/fail", "/nowhere", "/predict", "/error?status=404"])
def test_error_of_a_head_request_has_no_body(edge, path):
    """But the headers of the one it would have."""
    lines = [
        f"HEAD {path} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        f"X-Request-ID: head{path[1:4]}",
    ]
    answer = edge.say("\r\n".join([*lines, "", ""]).encode())

    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert body == b""
    assert edge.access_line(f"head{path[1:4]}")["response_bytes"] == 0


@pytest.mark.parametrize(
    ("status", "reason"),
    [*REASONS.items(), (422, "bad_request"), (501, "internal_error")],
)
def test_each_error_is_counted_under_its_word(edge, status, reason):
    """Metrics have a fixed set of reasons."""
    edge.client.get("/error", params={"status": int(status)})

    assert edge.reasons() == [reason]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/models"),
        ("HEAD", "/models"),
        ("GET", "/livez"),
        ("GET", "/nowhere"),
        ("GET", "/predict"),
        ("POST", "/predict"),
        ("GET", "/fail"),
        ("GET", "/error?status=409"),
    ],
)
def test_every_answer_has_them(edge, method, path):
    """Whoever gave it."""
    answer = edge.client.request(method, path)

    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-ID"]
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_page_may_say_what_it_loads_and_how_long_it_keeps(edge):
    """Two of them are the application's to decide, and no others."""
    answer = edge.client.get("/", headers={"X-Request-ID": "of-the-client"})

    assert {name: answer.headers.get_list(name) for name in ALWAYS} == {
        name: [value] for name, value in ALWAYS.items()
    }
    assert answer.headers.get_list("X-Request-ID") == ["of-the-client"]
    assert answer.headers.get_list("Content-Security-Policy") == ["default-src 'self'"]
    assert answer.headers.get_list("Cache-Control") == ["max-age=60"]
