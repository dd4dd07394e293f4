"""Both pages, looked through by axe-core for what keeps people out of them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 320, "height": 740}, "is_mobile": True, "has_touch": True}
KEY = "a-key-of-the-tests-alone"


def violations(page) -> list[str]:
    """Return what breaks a rule of axe-core, each as the rule and the element."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


@pytest.fixture(scope="module")
def service_with_a_key(sample_run, start_service, tmp_path_factory):
    """The service, set up to answer only who has the key."""
    folder = tmp_path_factory.mktemp("service_with_a_key")
    with start_service(sample_run.environment, folder, SPIKE_API_KEY=KEY) as service:
        yield service


@pytest.mark.parametrize(
    "options",
    [
        {"locale": "es-CL", "color_scheme": "light"},
        {"locale": "en-GB", "color_scheme": "dark"},
        {"locale": "es-CL", "color_scheme": "dark", **PHONE},
    ],
    ids=["desk, light", "desk, dark", "phone, dark"],
)
def test_page_breaks_no_rule(visit, sample_service, options):
    """At first, with a fault at the what-if, and with a what-if shown."""
    page = visit(sample_service, refusals=("400",), **options)
    expect(page.locator("#plot polyline").first).to_be_visible()
    expect(page.locator("#record .verdict")).to_be_visible()
    expect(page.locator("#served dl")).to_be_visible()
    assert not violations(page)

    field = page.locator("#assumption-0")
    field.fill("9000")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert not violations(page)

    field.fill("310,5")
    field.press("Enter")
    expect(page.locator("#what-if-bar")).to_be_visible()
    assert not violations(page)


def test_page_that_asks_for_a_key_breaks_no_rule(visit, service_with_a_key):
    """While it asks, and once it can't show anything."""
    page = visit(service_with_a_key, refusals=("401",))
    expect(page.get_by_role("dialog")).to_be_visible()
    assert not violations(page)

    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_text("What the service says").click()
    assert not violations(page)


def test_page_of_the_api_breaks_no_rule(visit, service_with_a_key):
    """While it asks for a key; closed, open, and tried out; and with its dialog of keys."""
    page = visit(service_with_a_key, path="/docs", refusals=("401",))
    expect(page.get_by_role("dialog")).to_be_visible()
    assert not violations(page)

    page.locator("#key").fill(KEY)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".opblock-summary-path").first).to_be_visible()
    assert not violations(page)

    for operation in page.locator(".opblock-summary-control").all():
        operation.click()
    expect(page.locator(".opblock-body .responses-table")).to_have_count(10)
    assert not violations(page)

    for button in page.locator(".try-out__btn").all():
        button.click()
    page.get_by_role("button", name="Execute").first.click()
    expect(page.locator(".live-responses-table")).to_be_visible()
    assert not violations(page)

    page.get_by_role("button", name="Authorize").click()
    page.locator(".auth-container input").first.fill(KEY)
    page.get_by_role("button", name="Apply credentials").first.click()
    expect(page.get_by_role("heading", name="Authorized")).to_be_visible()
    assert not violations(page)
