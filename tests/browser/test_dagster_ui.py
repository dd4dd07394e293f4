"""The asset graph and a model's picture, seen in a real browser."""

import pytest
from playwright.sync_api import Page, expect

GROUPS = ("raw", "live", "clean", "features", "models", "evaluation", "serving")
ASSETS = (
    "raw_precipitation",
    "raw_milk_price",
    "raw_banco_central",
    "raw_dairy_index",
    "clean_precipitation",
    "clean_milk_price",
    "clean_banco_central",
    "clean_dairy_index",
    "monthly_features",
    "model1",
    "model2",
    "forecast_inputs",
    "forecast_history",
    "forecaster",
    "backtest",
    "registered_models",
    "promoted_models",
    "bento",
    "live_odepa",
    "live_fao",
)
MATERIALIZED_BY_TRAIN = ASSETS[:-3]


@pytest.fixture
def faults(page: Page) -> list[str]:
    """What the page complains of in its console."""
    found: list[str] = []
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_graph_shows_every_group_and_asset(page, dagster_ui, pictures, faults):
    """Whoever opens the UI sees the architecture, materialized."""
    page.set_viewport_size({"width": 3000, "height": 2120})
    page.goto(f"{dagster_ui}/asset-groups/")
    page.get_by_text("Hide navigation").click()
    page.get_by_label("panel_show_right").click()
    for group in GROUPS:
        expect(page.get_by_text(group, exact=True)).to_be_visible()
    page.keyboard.press("Alt+e")  # expands all groups

    for asset in ASSETS:
        expect(page.get_by_text(asset, exact=True)).to_be_visible()
    expect(page.locator("[class*=AssetNode_assetName]")).to_have_count(len(ASSETS))
    expect(page.get_by_text("Materialized", exact=True)).to_have_count(len(MATERIALIZED_BY_TRAIN))
    page.mouse.move(0, 0)
    page.screenshot(
        path=pictures / "asset-graph.png", clip={"x": 80, "y": 112, "width": 2860, "height": 2000}
    )
    assert not faults


def test_picture_of_a_model_opens_from_its_metadata(page, dagster_ui, faults):
    """Observed against predicted is a click away from the scores."""
    page.goto(f"{dagster_ui}/assets/model1")
    page.get_by_text("Show Markdown").first.click()

    picture = page.get_by_alt_text("observed against predicted")
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.naturalWidth") == 1100
    assert not faults
