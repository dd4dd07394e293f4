"""The analyst's page when it is refused, when nothing is served, and when nobody answers."""

import pytest
from playwright.sync_api import expect

KEY = "a-key-of-the-tests-alone"


@pytest.fixture(scope="module")
def service_with_a_key(sample_run, start_service, tmp_path_factory):
    """The service, set up to answer only who has the key."""
    folder = tmp_path_factory.mktemp("service_with_a_key")
    with start_service(sample_run.environment, folder, SPIKE_API_KEY=KEY) as service:
        yield service


@pytest.fixture(scope="module")
def service_without_models(isolated_environment, start_service, tmp_path_factory):
    """The service on a store in which nothing was promoted."""
    folder = tmp_path_factory.mktemp("service_without_models")
    with start_service(isolated_environment(folder), folder) as service:
        yield service


def test_asks_for_the_key_until_it_is_right(visit, service_with_a_key):
    """Once for all requests together; a wrong one is said to be wrong; the tab remembers."""
    page = visit(service_with_a_key, refusals=("401",))
    dialog = page.get_by_role("dialog", name="A key is needed")
    field = dialog.get_by_label("Key")
    expect(field).to_be_focused()
    for no_key in ("", "cañería"):
        field.fill(no_key)
        field.press("Enter")
        expect(dialog.get_by_role("alert")).to_have_text(
            "Enter the key: letters, digits and signs, without accents and blanks."
        )
    field.fill("not-the-key")
    field.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text(
        "That key was not accepted. Check it and try again."
    )
    field.fill(KEY)
    field.press("Enter")
    expect(page.locator("#number")).to_be_visible()
    expect(page.locator("#record")).to_contain_text("60 months")

    page.reload()
    expect(page.locator("#number")).to_be_visible()
    expect(dialog).to_be_hidden()


def test_who_has_no_key_learns_why_nothing_is_shown(visit, service_with_a_key):
    """And can try again."""
    page = visit(service_with_a_key, refusals=("401",))
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="The forecast could not be loaded")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (403, {}, "responde solo al equipo en que funciona"),
        (429, {"Retry-After": "1"}, "El servicio tiene demasiadas consultas en este momento."),
        (500, {"X-Request-ID": "abc1"}, "tiene los detalles bajo la consulta abc1."),
        (503, {"Retry-After": "1"}, "El servicio tiene demasiadas consultas en este momento."),
        (503, {}, "El servicio funciona, pero aún no tiene un modelo en uso."),
        (418, {}, "El servicio respondió con el error 418."),
    ],
)
def test_problems_are_told_in_the_language_of_the_page(
    visit, sample_service, status, headers, told
):
    """The words of the service, which are English, are there for those who ask for them."""
    problem = {"status": status, "detail": "It broke"}
    page = visit(
        sample_service,
        locale="es-CL",
        prepare=lambda page: page.route(
            "**/forecast",
            lambda route: route.fulfill(
                status=status,
                content_type="application/problem+json",
                headers=headers,
                json=problem,
            ),
        ),
        refusals=(str(status),),
    )
    alert = page.get_by_role("alert")
    expect(alert.locator("p")).to_contain_text(told)
    expect(alert.get_by_text("It broke")).to_be_hidden()
    alert.get_by_text("Lo que dice el servicio, en inglés").click()
    expect(alert.get_by_text("It broke")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (403, "El servicio respondió con el error 403."),
        (502, "No hay respuesta del servicio. Revise la conexión y vuelva a intentarlo."),
        (503, "No hay respuesta del servicio. Revise la conexión y vuelva a intentarlo."),
    ],
)
def test_answers_of_a_proxy_are_told_apart(visit, sample_service, status, told):
    """Its page of HTML is no answer of the service."""
    page = visit(
        sample_service,
        locale="es-CL",
        prepare=lambda page: page.route(
            "**/forecast",
            lambda route: route.fulfill(status=status, content_type="text/html", body="Bad!"),
        ),
        refusals=(str(status),),
    )
    expect(page.get_by_role("alert")).to_have_text(told)


def test_says_that_nothing_is_served_yet(visit, service_without_models):
    """With what the service says is to be done."""
    page = visit(service_without_models, refusals=("503",))
    detail = service_without_models.client.post("/forecast", json={}).json()["detail"]
    expect(page.get_by_role("heading", name="There is no forecast yet")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text(detail)


def test_tries_again_when_asked(visit, sample_service):
    """What could not be reached may be reached a moment later."""
    page = visit(
        sample_service,
        prepare=lambda page: page.route("**/history*", lambda route: route.abort()),
        refusals=("ERR_FAILED",),
    )
    expect(page.get_by_text("The service does not answer.")).to_be_visible()
    page.unroute("**/history*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#number")).to_be_visible()


def test_part_that_fails_leaves_the_rest(visit, sample_service):
    """Without its track record the forecast is there all the same; the part can be had later."""
    problem = {"status": 500, "title": "Internal Server Error", "detail": "It broke"}
    page = visit(
        sample_service,
        prepare=lambda page: page.route(
            "**/evaluate",
            lambda route: route.fulfill(
                status=500, content_type="application/problem+json", json=problem
            ),
        ),
        refusals=("500",),
    )
    expect(page.locator("#number")).to_be_visible()
    record = page.get_by_role("region", name="How good it has been")
    expect(record).to_contain_text("It broke")
    page.unroute("**/evaluate")
    record.get_by_role("button", name="Try again").click()
    expect(record).to_contain_text("60 months")
