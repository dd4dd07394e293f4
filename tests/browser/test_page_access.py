"""The analyst's page for everybody: keyboards, phones, screen readers, any light, no waiting."""

import re

import pytest
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 320, "height": 740}, "is_mobile": True, "has_touch": True}

AA = 4.5
"""The least contrast of text that WCAG 2 asks for at its level AA."""

SHIFT = 0.02

CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const seen = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const grounds = (element) => (element
    ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor] : []);
  const says = (element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll("*")]
    .filter((element) => says(element) && element.checkVisibility({ visibilityProperty: true }))
    .map((element) => {
      const style = getComputedStyle(element);
      const ink = element instanceof SVGElement ? style.fill : style.color;
      const ground = grounds(element);
      const [one, other] = [light(seen(ground)), light(seen([...ground, ink]))].sort();
      return [element.textContent.trim().slice(0, 40), (other + 0.05) / (one + 0.05)];
    });
}"""

LAYOUT_SHIFT = """() => new Promise((resolve) => {
  let shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(shift), 200);
})"""

MARKS = "Object.fromEntries(performance.getEntriesByType('mark').map(m => [m.name, m.startTime]))"


@pytest.fixture
def whole(visit):
    """What opens the page and waits until all of it is there."""

    def whole(service, **options):
        page = visit(service, **options)
        expect(page.locator("#plot polyline").first).to_be_visible()
        expect(page.locator("#record .verdict")).to_be_visible()
        expect(page.locator("#served dl")).to_be_visible()
        return page

    return whole


def suppose(page, price):
    """Have a what-if shown."""
    page.locator("#assumption-0").fill(price)
    page.locator("#assumption-0").press("Enter")
    expect(page.locator("#what-if-bar")).to_be_visible()


def test_keyboard_reaches_everything_in_order(whole, real_service):
    """From the top of the page to its foot, and always seen where."""
    page = whole(real_service)
    reached = []
    while True:
        page.keyboard.press("Tab")
        focus = page.evaluate(
            """() => {
              const element = document.activeElement;
              const { outlineStyle, outlineWidth } = getComputedStyle(element);
              const name = element.labels?.[0]?.textContent || element.textContent;
              return [element === document.body ? "" : name, outlineStyle, outlineWidth];
            }"""
        )
        if not focus[0]:
            break
        reached.append(focus[0])
        assert focus[1:] == ["solid", "3px"], f"{focus[0]} does not show that it has the focus"
    assert reached == [
        "Skip to the forecast",
        "Español",
        "English",
        "5 years",
        "15 years",
        "All",
        "Go month by month",
        "Download CSV",
        "Price of March 2021, in CLP per litre",
        "Compute",
        "Add April 2021",
        "API documentation",
        "OpenAPI document",
    ]


def test_skip_link_leads_past_the_header(whole, real_service):
    """The next stop after it is within the forecast."""
    page = whole(real_service)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the forecast")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="5 years", exact=True)).to_be_focused()


def test_what_if_needs_no_mouse(whole, real_service):
    """Supposed, read, and undone with keys alone."""
    page = whole(real_service)
    page.locator("#download").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("340")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="With your what-if")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Back to the published data").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Expected price for March 2021")).to_be_visible()


@pytest.mark.parametrize("locale", ["es-CL", "en-GB"])
def test_everything_has_a_name(whole, real_service, locale):
    """Controls, pictures and landmarks are named, and headings go down step by step."""
    page = whole(real_service, locale=locale)
    suppose(page, "340")
    tree = page.locator("body").aria_snapshot()
    named = "button|link|slider|spinbutton|textbox|img|group|region|complementary|navigation"
    assert not re.findall(rf"^ *- (?:{named})\b(?! \")", tree, flags=re.MULTILINE), tree
    assert [int(level) for level in re.findall(r"\[level=(\d)\]", tree)] == [1] + 7 * [2]
    for landmark in ("banner", "main", "contentinfo"):
        assert f"- {landmark}:" in tree


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(whole, sample_service, scheme):
    """All of it, in either scheme: warnings, what-if and the chart's included."""
    page = whole(sample_service, color_scheme=scheme)
    suppose(page, "310")
    page.get_by_role("slider").press("ArrowLeft")
    expect(page.locator("#reading")).to_be_visible()
    found = page.evaluate(CONTRASTS)
    assert len(found) > 80
    assert not [(text, contrast) for text, contrast in found if contrast < AA]


@pytest.mark.parametrize("locale", ["es-CL", "en-GB"])
def test_phone_scrolls_one_way_only(whole, real_service, locale):
    """At 320 pixels nothing is cut off at the side, and fingers find what they aim at."""
    page = whole(real_service, locale=locale, **PHONE)
    suppose(page, "340")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    beyond = page.evaluate(
        """[...document.querySelectorAll("main *")]
             .filter((element) => element.getBoundingClientRect().right > 320)
             .map((element) => element.outerHTML.slice(0, 80))"""
    )
    assert not beyond
    for control in page.locator("button:visible, input:visible").all():
        assert control.bounding_box()["height"] >= 44


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
def test_nothing_moves_while_it_loads(whole, real_service, size):
    """What is seen stays where it is until it is touched."""
    page = whole(real_service, **size)
    shift = page.evaluate(LAYOUT_SHIFT)
    assert shift < SHIFT


def test_chart_is_there_soon(whole, real_service):
    """On an idle machine in less than a second; five are for busy ones."""
    page = whole(real_service)
    marks = page.evaluate(MARKS)
    assert marks["number-shown"] <= marks["chart-shown"] < 5000
