"""The pages behind a proxy that puts them under a path of its own, and strips it."""

import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

KEY = "a-key-of-the-tests-alone"


@pytest.fixture(scope="module")
def proxy(sample_run, start_service, running_server, free_port, tmp_path_factory):
    """A real Caddy, which passes on what is asked for under `/milk/` and nothing else."""
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("no Caddy here: tests/deploy/install.sh installs one")
    folder, port = tmp_path_factory.mktemp("path_prefix"), free_port()
    with start_service(sample_run.environment, folder, SPIKE_API_KEY=KEY) as service:
        caddyfile = folder / "Caddyfile"
        caddyfile.write_text(f"""
            {{
                admin off
            }}
            http://127.0.0.1:{port} {{
                handle_path /milk/* {{
                    reverse_proxy {service.client.base_url}
                }}
                respond 404
            }}
        """)
        with running_server(
            [caddy, "run", "--config", str(caddyfile), "--adapter", "caddyfile"],
            environment=sample_run.environment,
            port=port,
            health_path="/milk/livez",
            log_file=folder / "caddy.log",
        ) as proxy:
            yield proxy


@pytest.fixture
def visit_and_record(visit, proxy):
    """What opens a path behind the proxy, and the paths that the browser then asks for."""

    def visit_and_record(path):
        asked = []

        def record(page):
            page.on("request", lambda request: asked.append(urlsplit(request.url)))

        page = visit(proxy, path=path, prepare=record, refusals=("401",))
        return page, lambda: {url.path for url in asked if url.scheme == "http"}

    return visit_and_record


def test_page_works_under_a_path_prefix(visit_and_record):
    """Its scripts, its texts, everything that it asks, and its way to the page of the API."""
    page, asked = visit_and_record("/milk/")
    page.locator("#key").fill(KEY)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#plot polyline").first).to_be_visible()
    expect(page.locator("#record .verdict")).to_be_visible()
    expect(page.locator("#served dl")).to_be_visible()
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("button", name="Calcular")).to_be_visible()
    page.locator("#assumption-0").fill("310")
    page.locator("#assumption-0").press("Enter")
    expect(page.locator("#what-if-bar")).to_be_visible()
    page.get_by_role("link", name="Documentación de la API").click()
    expect(page.locator(".opblock-summary-path").first).to_be_visible()

    paths = asked()
    assert {f"/milk/{name}" for name in ("forecast", "history", "evaluate", "models")} <= paths
    assert not [path for path in paths if not path.startswith("/milk/")]


def test_page_of_the_api_asks_the_path_that_it_is_under(visit_and_record):
    """Document, styles and scripts, and what *Try it out* sends."""
    page, asked = visit_and_record("/milk/docs")
    page.locator("#key").fill(KEY)
    page.get_by_role("button", name="Go on").click()
    forecast = page.locator("#operations-forecast-forecast")
    forecast.locator(".opblock-summary-control").click()
    forecast.get_by_role("button", name="Try it out").click()
    forecast.get_by_role("button", name="Execute").click()

    expect(forecast.locator(".live-responses-table .response-col_status").last).to_contain_text(
        "200"
    )
    assert "/milk/forecast" in asked()
    assert not [path for path in asked() if not path.startswith("/milk/")]

    page.get_by_role("link", name="The page with the forecast").click()
    expect(page.locator("#number")).to_be_visible()
