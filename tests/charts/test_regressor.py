"""The picture of a regressor's hold-out: what it shows, and that it is one."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline

from spike_assets import charts
from spike_assets.models.regressor import Holdout, Scores, TrainedRegressor
from spike_assets.models.units import InputRanges
from tests.support.pictures import assert_picture, line

REGRESSOR = TrainedRegressor(
    name="model1",
    pipeline=Pipeline([("ridge", Ridge())]),  # not used by any picture
    parameters={},
    cross_validation_r2=0.5,
    selected_columns=("ano",),
    months=("2013-11", "2013-12", "2014-01", "2014-02", "2014-03"),
    ranges=InputRanges.around(np.ones((1, 48))),  # nor is this
    holdout=Holdout(
        regressor=Scores(r2=0.8654, rmse_clp_per_litre=8.0, mae_clp_per_litre=6.0),
        last_price=Scores(r2=0.8878, rmse_clp_per_litre=7.0, mae_clp_per_litre=5.0),
        observed_clp_per_litre=np.array([210.0, 212.0, 213.0, 219.0, 227.0]),
        predicted_clp_per_litre=np.array([211.0, 209.0, 215.0, 216.0, 230.0]),
        held_out=np.array([False, True, False, False, True]),
    ),
)


class KeptCanvas(FigureCanvasAgg):
    """Draws as ever and keeps the figure, so that a test can ask what is in it."""

    figures: list[Figure] = []  # noqa: RUF012 (emptied by the fixture)

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        self.figures.append(figure)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Figure:
    KeptCanvas.figures.clear()
    monkeypatch.setattr(charts, "FigureCanvasAgg", KeptCanvas)
    charts.observed_against_predicted(REGRESSOR)
    (figure,) = KeptCanvas.figures
    return figure


def points(axes: object, label: str) -> list[list[float]]:
    (found,) = (one for one in axes.collections if one.get_label() == label)
    return found.get_offsets().tolist()


def test_picture_is_a_png_of_1100_by_460():
    """It fits a dialog, and is neither blank nor too large for metadata."""
    assert_picture(charts.observed_against_predicted(REGRESSOR), size=(1100, 460))


def test_same_regressor_gives_the_same_picture():
    """Nothing of an earlier picture is left over in the next."""
    first = charts.observed_against_predicted(REGRESSOR)
    assert charts.observed_against_predicted(REGRESSOR) == first


def test_title_compares_the_regressor_with_repeating_the_last_price(drawn: Figure):
    """Both scores are on the same hold-out, so neither can be read without the other."""
    assert drawn.get_suptitle() == ("model1: hold-out R² 0.865, repeating last month's price 0.888")


def test_scatter_tells_months_held_out_from_months_trained_on(drawn: Figure):
    """Prices paid are across, predictions are up, and the diagonal spans both."""
    scatter, _ = drawn.axes
    assert points(scatter, "held out") == [[212.0, 209.0], [227.0, 230.0]]
    assert points(scatter, "trained on") == [[210.0, 211.0], [213.0, 215.0], [219.0, 216.0]]
    assert line(scatter, "perfect") == [[209.0, 209.0], [230.0, 230.0]]
    assert scatter.get_xlabel() == "paid, CLP per litre"
    assert scatter.get_ylabel() == "predicted, CLP per litre"


def test_timeline_shows_every_price_and_the_predictions_held_out(drawn: Figure):
    """Months are numbered along the line; a year stands where its January is."""
    _, timeline = drawn.axes
    paid = [[0.0, 210.0], [1.0, 212.0], [2.0, 213.0], [3.0, 219.0], [4.0, 227.0]]
    assert line(timeline, "paid") == paid
    assert points(timeline, "predicted, held out") == [[1.0, 209.0], [4.0, 230.0]]
    assert timeline.get_xticks().tolist() == [2]
    assert [label.get_text() for label in timeline.get_xticklabels()] == ["2014"]
    assert timeline.get_ylabel() == "CLP per litre"


def test_months_without_a_january_need_no_tick(monkeypatch: pytest.MonkeyPatch):
    """Half a year of data can be drawn too."""
    months = ("2014-02", "2014-03", "2014-04", "2014-05", "2014-06")
    monkeypatch.setattr(charts, "FigureCanvasAgg", KeptCanvas)
    charts.observed_against_predicted(replace(REGRESSOR, months=months))
    assert KeptCanvas.figures[-1].axes[1].get_xticks().tolist() == []
