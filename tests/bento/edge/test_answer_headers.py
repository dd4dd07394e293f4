"""The headers that every answer has."""

import pytest

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


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
