"""Pictures of the data: what is drawn, in which unit, and what is refused."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.dates import num2date

from spike_assets import charts
from spike_assets.charts import ChartArgumentError, rain, series, style, tables
from spike_assets.series.catalogue import BANCO_CENTRAL, REGIONS
from tests.support.pictures import assert_picture


def months(first: str, count: int) -> pd.DatetimeIndex:
    return pd.date_range(first, periods=count, freq="MS")


def rain_table(first: str, mm: list[float]) -> pd.DataFrame:
    """Rain that falls alike in all regions."""
    return pd.DataFrame({"month": months(first, len(mm))} | dict.fromkeys(REGIONS, mm))


def line(axes: Axes, label: str) -> list[float]:
    (found,) = (one for one in axes.lines if one.get_label() == label)
    return found.get_ydata().tolist()


def line_months(axes: Axes) -> list[str]:
    """The months of the first line."""
    return [f"{month:%Y-%m}" for month in pd.to_datetime(axes.lines[0].get_xdata())]


def bars(axes: Axes) -> dict[str, float]:
    """The heights of the bars, by the month that each is centred on."""
    return {
        f"{num2date(bar.get_x() + bar.get_width() / 2):%Y-%m}": bar.get_height()
        for bar in axes.patches
    }


def legend(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def words(text: str) -> str:
    """A label without the line breaks that make it fit."""
    return " ".join(text.split())


TWO_YEARS = rain_table("2018-01", [float(mm) for mm in range(1, 25)])
MACRO = pd.DataFrame(
    {
        "month": months("2013-01", 5),
        "PIB": [np.nan, 10.0, 11.0, 12.0, np.nan],
        "PIB_Mineria": [np.nan, 1.0, np.nan, 3.0, np.nan],
        "Imacec_minero": [90.0, np.nan, np.nan, np.nan, np.nan],
        "PIB_Pesca": [np.nan] * 5,
    }
)


PRICES = pd.DataFrame({"month": months("2018-01", 13), "price_clp_per_litre": range(200, 213)})
PAIR = MACRO[["PIB", "PIB_Mineria"]]
PICTURES = {
    "rain_over_time": (460, lambda: charts.rain_over_time(TWO_YEARS, region="Maule")),
    "rain_by_year": (520, lambda: charts.rain_by_year(TWO_YEARS, region="Maule")),
    "regions_rain": (1200, lambda: charts.regions_rain(TWO_YEARS)),
    "series_pair": (600, lambda: charts.series_pair(MACRO, first="PIB", second="PIB_Mineria")),
    "milk_price_history": (600, lambda: charts.milk_price_history(PRICES)),
    "missing_months": (182, lambda: charts.missing_months(MACRO)),
    "before_and_after": (
        320,
        lambda: charts.before_and_after(
            MACRO["month"], before=1e6 * PAIR, after=PAIR, title="Points", unit="CLP"
        ),
    ),
}


@pytest.mark.parametrize(("height", "draw"), PICTURES.values(), ids=PICTURES)
def test_every_picture_is_a_png_with_something_on_it(
    height: int, draw: Callable[[], bytes]
) -> None:
    """As large as meant, small enough for metadata, and not blank."""
    assert_picture(draw(), size=(1100, height), n_bytes=range(500_000))


def test_tables_are_left_as_they_were() -> None:
    """Drawing changes nothing of what it draws."""
    rain_before, macro_before = TWO_YEARS.copy(), MACRO.copy()

    rain.rain_by_year(TWO_YEARS, region="Maule")
    rain.rain_over_time(TWO_YEARS, region="Maule", first_month="2018-03")
    rain.regions_rain(TWO_YEARS)
    series.series_pair(MACRO, first="PIB", second="PIB_Mineria")
    tables.missing_months(MACRO)

    pd.testing.assert_frame_equal(TWO_YEARS, rain_before)
    pd.testing.assert_frame_equal(MACRO, macro_before)


def test_rain_over_time_has_a_bar_for_each_month_of_the_period() -> None:
    """Both ends belong to it, and nothing outside is drawn."""
    figure = rain.rain_over_time(
        TWO_YEARS, region="Los_Rios", first_month="2018-11", last_month="2019-01"
    )

    (axes,) = figure.axes
    assert bars(axes) == {"2018-11": 11, "2018-12": 12, "2019-01": 13}
    assert figure.get_suptitle() == "Rain in Los Rios, 2018-11 to 2019-01"
    assert axes.get_ylabel() == "mm per month"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["2018-11", "2018-12", "2019-01"]


def test_rain_over_time_draws_the_region_that_was_asked_for() -> None:
    """Regions lie side by side in the table, so a neighbour would be easy to draw."""
    table = rain_table("2018-01", [1.0, 2.0]).assign(Maule=[5.0, 6.0])

    (axes,) = rain.rain_over_time(table, region="Maule").axes

    assert bars(axes) == {"2018-01": 5, "2018-02": 6}


def test_running_mean_reaches_back_before_the_period() -> None:
    """The mean up to 2018-12 is that of 1 to 12 mm, though only two months are drawn."""
    figure = rain.rain_over_time(
        TWO_YEARS, region="Maule", first_month="2018-12", last_month="2019-01"
    )

    (axes,) = figure.axes
    assert line(axes, "mean of the 12 months to date") == [6.5, 7.5]
    assert line_months(axes) == ["2018-12", "2019-01"]


def test_running_mean_is_missing_where_twelve_months_are() -> None:
    """A mean of fewer months would follow the season."""
    (axes,) = rain.rain_over_time(TWO_YEARS, region="Maule").axes

    mean_mm = line(axes, "mean of the 12 months to date")
    assert np.isnan(mean_mm).tolist() == [True] * 11 + [False] * 13


def test_one_month_of_rain_is_a_bar_and_no_wall() -> None:
    """It has air on both sides and its month below."""
    figure = rain.rain_over_time(
        TWO_YEARS, region="Maule", first_month="2018-06", last_month="2018-06"
    )

    (axes,) = figure.axes
    assert figure.get_suptitle() == "Rain in Maule, 2018-06"
    left, right = axes.get_xlim()
    (bar,) = axes.patches
    assert bar.get_width() < 0.6 * (right - left)


def test_rain_by_year_has_a_line_of_twelve_months_for_each_year() -> None:
    """The years are named in their order, however they were given, and none twice."""
    figure = rain.rain_by_year(TWO_YEARS, region="Maule", years=[2019, 2018, 2019])

    (axes,) = figure.axes
    assert line(axes, "2018") == [float(mm) for mm in range(1, 13)]
    assert line(axes, "2019") == [float(mm) for mm in range(13, 25)]
    assert axes.lines[0].get_xdata().tolist() == list(range(1, 13))
    assert line(axes, "mean of 2018 to 2019") == [float(mm) for mm in range(7, 19)]
    assert legend(figure) == ["2018", "2019", "mean of 2018 to 2019"]
    assert figure.get_suptitle() == "Rain in Maule by year"
    assert axes.get_ylabel() == "mm per month"
    assert [tick.get_text() for tick in axes.get_xticklabels()][::11] == ["Jan", "Dec"]


def test_rain_of_one_year_is_compared_with_the_mean_of_all() -> None:
    """Years that were not asked for are not drawn; they count in the mean alone."""
    figure = rain.rain_by_year(TWO_YEARS, region="Maule", years=[2018])

    assert legend(figure) == ["2018", "mean of 2018 to 2019"]
    assert line(figure.axes[0], "mean of 2018 to 2019") == [float(mm) for mm in range(7, 19)]


def test_rain_of_many_years_names_the_last_five() -> None:
    """The earlier ones are there too, all in one pale colour; an unfinished year ends early."""
    table = rain_table("2012-01", [1.0] * (7 * 12) + [2.0, 3.0])

    figure = rain.rain_by_year(table, region="Maule")

    (axes,) = figure.axes
    named = ["2015", "2016", "2017", "2018", "2019"]
    assert legend(figure) == [*named, "3 earlier years", "mean of 2012 to 2019"]
    colours = {one.get_label(): one.get_color() for one in axes.lines}
    assert {colours[f"_{year}"] for year in (2012, 2013, 2014)} == {style.GREY}
    assert len({colours[year] for year in named} | {style.GREY}) == 6
    assert line(axes, "2019")[:2] == [2.0, 3.0]
    assert np.isnan(line(axes, "2019")[2:]).all()


def test_every_region_has_its_rain_over_time_and_its_average_year() -> None:
    """North to south, the season on the scale of its region."""
    table = TWO_YEARS.assign(Coquimbo=TWO_YEARS["Coquimbo"] / 10)

    figure = rain.regions_rain(table)

    panels = np.reshape(np.array(figure.axes), (8, 2))
    assert [over_time.get_title("left") for over_time in panels[:, 0]] == [
        "Coquimbo",
        "Valparaiso",
        "Metropolitana de Santiago",
        "Libertador Gral Bernardo O Higgins",
        "Maule",
        "Biobio",
        "La Araucania",
        "Los Rios",
    ]
    assert {over_time.get_ylabel() for over_time in panels[:, 0]} == {"mm"}
    over_time, in_year = panels[0]
    assert line(over_time, "rain in the month") == pytest.approx(np.arange(1, 25) / 10)
    assert line(in_year, "average year") == pytest.approx(np.arange(7, 19) / 10)
    assert over_time.get_ylim() == in_year.get_ylim() != panels[1, 0].get_ylim()
    assert panels[-1, 0].get_xlim() == over_time.get_xlim()


def test_pair_of_series_shares_the_months_and_not_the_unit() -> None:
    """It begins where either has a value; a month without a value is a gap in the line."""
    figure = series.series_pair(MACRO, first="PIB", second="Imacec_minero")

    upper, lower = figure.axes
    assert upper.lines[0].get_ydata()[1:].tolist() == [10.0, 11.0, 12.0]
    assert lower.lines[0].get_ydata()[0] == 90
    assert line_months(upper) == line_months(lower) == ["2013-01", "2013-02", "2013-03", "2013-04"]
    assert figure.get_suptitle() == "PIB and Imacec_minero, 2013-01 to 2013-04"
    assert upper.get_title("left") == "PIB, GDP: total"
    assert words(upper.get_ylabel()) == "thousand million CLP, chained volume"
    assert lower.get_title("left") == "Imacec_minero, monthly activity index (Imacec): mining"
    assert words(lower.get_ylabel()) == "index, 2013 = 100"
    assert upper.get_xlim() == lower.get_xlim()


def test_pair_of_series_is_drawn_between_two_months() -> None:
    """Both ends belong to the period, and a missing value stays missing."""
    figure = series.series_pair(
        MACRO, first="PIB", second="PIB_Mineria", first_month="2013-03", last_month="2013-04"
    )

    upper, lower = figure.axes
    assert line_months(upper) == ["2013-03", "2013-04"]
    assert upper.lines[0].get_ydata().tolist() == [11.0, 12.0]
    np.testing.assert_array_equal(lower.lines[0].get_ydata(), [np.nan, 3.0])


def test_few_months_are_dots_so_that_one_alone_is_seen() -> None:
    """A line needs two points; a long one needs no dots."""
    assert style.marker(pd.Series(months("2013-01", 1))) == "o"
    assert style.marker(pd.Series(months("2013-01", 37))) == ""


def test_milk_price_is_drawn_with_its_change_in_a_year() -> None:
    """The price on a logarithmic scale in CLP per litre, the change in percent from month 13 on."""
    table = pd.DataFrame(
        {"month": months("2018-01", 14), "price_clp_per_litre": [200.0] * 12 + [250.0, 180.0]}
    )

    figure = series.milk_price_history(table)

    price, change = figure.axes
    assert price.lines[0].get_ydata().tolist() == table["price_clp_per_litre"].tolist()
    assert price.get_yscale() == "log"
    assert price.get_ylabel() == "CLP per litre, log scale"
    change_percent = change.lines[1].get_ydata()
    assert np.isnan(change_percent[:12]).all()
    assert change_percent[12:].tolist() == [25.0, pytest.approx(-10.0)]
    assert words(change.get_ylabel()) == "% on the same month a year before"
    assert figure.get_suptitle() == (
        "Price of milk paid to dairy farms, nominal, without VAT, 2018-01 to 2019-02"
    )


def test_map_of_missing_months_has_a_row_a_series_and_a_column_a_month() -> None:
    """A month that the table leaves out is missing everywhere; the counts stand at the right."""
    table = MACRO[["month", "PIB", "PIB_Mineria"]].drop(index=2)

    figure = tables.missing_months(table)

    (axes,) = figure.axes
    (mesh,) = (one for one in axes.collections if one.get_array() is not None)
    assert mesh.get_array().tolist() == [
        [False, True, False, True, False],
        [False, True, False, True, False],
    ]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["PIB", "PIB_Mineria"]
    (counts,) = axes.child_axes
    assert [tick.get_text() for tick in counts.get_yticklabels()] == ["2", "2"]
    assert axes.get_ylim() == (2, 0)
    assert figure.get_suptitle() == ("Months with a value, 2013-01 to 2013-05: 2 series, 5 months")


def test_map_of_all_published_series_tells_every_name_from_the_others() -> None:
    """Long names lose their middle, none becomes another's, and rows are as high as letters."""
    table = pd.DataFrame(
        {"month": months("1970-01", 2)} | {one.name: [1.0, np.nan] for one in BANCO_CENTRAL}
    )

    figure = tables.missing_months(table)

    labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert len(set(labels)) == 84
    assert max(len(label) for label in labels) == 60
    points_a_row = 72 * figure.get_figheight() / 84
    assert points_a_row > figure.axes[0].get_yticklabels()[0].get_fontsize()


@pytest.mark.parametrize(("count", "panels"), [(1, 1), (2, 2), (3, 4), (6, 6)])
def test_repaired_series_are_small_multiples_on_logarithmic_scales(count: int, panels: int) -> None:
    """Each has its own panel with both readings; what is left over is empty."""
    names = [f"series_{n}" for n in range(count)]
    after = pd.DataFrame({name: [1.0, 2.0 + n] for n, name in enumerate(names)})

    figure = tables.before_and_after(
        pd.Series(months("2013-01", 2)),
        before=1000 * after,
        after=after,
        title="Decimal points found again",
        unit="thousand people",
    )

    assert len(figure.axes) == panels
    drawn, empty = figure.axes[:count], figure.axes[count:]
    assert [axes.get_title("left") for axes in drawn] == names
    assert [line(axes, "after") for axes in drawn] == [[1.0, 2.0 + n] for n in range(count)]
    assert [line(axes, "before") for axes in drawn] == [
        [1000.0, 2000.0 + 1000 * n] for n in range(count)
    ]
    assert {axes.get_yscale() for axes in drawn} == {"log"}
    assert not any(axes.axison for axes in empty)
    assert figure.get_suptitle() == "Decimal points found again"
    assert figure.get_supylabel() == "thousand people, log scale"
    assert legend(figure) == ["before", "after"]


def test_lowest_panels_name_the_months_when_one_place_is_empty() -> None:
    """With three series, the second and the third have nothing below them."""
    after = pd.DataFrame({name: [1.0, 2.0] for name in ("one", "two", "three")})

    figure = tables.before_and_after(
        pd.Series(months("2013-01", 2)), before=after, after=after, title="", unit="index"
    )

    labelled = [axes.xaxis.get_tick_params()["labelbottom"] for axes in figure.axes[:3]]
    assert labelled == [False, True, True]


def test_warning_joins_the_title() -> None:
    """Whoever sees the picture sees that it is of the sample."""
    figure = rain.rain_over_time(TWO_YEARS, region="Maule")

    style.add_warning(figure, "SYNTHETIC")

    assert figure.get_suptitle() == "Rain in Maule, 2018-01 to 2019-12\nSYNTHETIC"


NO_REGION = (
    "is not among the 8 columns: Coquimbo, Valparaiso, Metropolitana_de_Santiago, "
    "Libertador_Gral__Bernardo_O_Higgins, Maule, Biobio, La_Araucania, Los_Rios"
)
NO_MONTH = "is not a month; expected YYYY-MM"
NO_DATA = "is not in the data; there are 2018-01 to 2019-12"


@pytest.mark.parametrize(
    ("arguments", "argument", "problem"),
    [
        ({"region": "los rios"}, "region", f"'los rios' {NO_REGION}; did you mean Los_Rios?"),
        ({"region": "xyz"}, "region", f"'xyz' {NO_REGION}"),
        ({"region": "month"}, "region", f"'month' {NO_REGION}"),
        ({"first_month": "2018-1"}, "first_month", f"'2018-1' {NO_MONTH}"),
        ({"last_month": "2018-13"}, "last_month", f"'2018-13' {NO_MONTH}"),
        ({"first_month": "2018-01-01"}, "first_month", f"'2018-01-01' {NO_MONTH}"),
        ({"first_month": "2017-12"}, "first_month", f"2017-12 {NO_DATA}"),
        ({"last_month": "2020-01"}, "last_month", f"2020-01 {NO_DATA}"),
        (
            {"first_month": "2019-02", "last_month": "2019-01"},
            "last_month",
            "2019-01 is before the first month, 2019-02",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_rain_over_time_refuses_what_the_data_does_not_have(
    arguments: dict[str, str], argument: str, problem: str
) -> None:
    """The error names the argument, its value, and what there is."""
    with pytest.raises(ChartArgumentError) as raised:
        rain.rain_over_time(TWO_YEARS, **{"region": "Maule"} | arguments)

    assert (raised.value.argument, raised.value.problem) == (argument, problem)
    assert str(raised.value) == f"{argument}: {problem}"
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize(
    ("years", "problem"),
    [
        ([2018, 2021, 2017], "2017, 2021 not in the data; there are 2018 to 2019"),
        ([], "none was named; there are 2018 to 2019"),
    ],
)
def test_rain_by_year_refuses_other_years(years: list[int], problem: str) -> None:
    """All unknown years are named at once; no year at all is no chart."""
    with pytest.raises(ChartArgumentError, match=f"^years: {problem}$"):
        rain.rain_by_year(TWO_YEARS, region="Maule", years=years)


def test_rain_by_year_refuses_an_unknown_region() -> None:
    """As the rain over time does."""
    with pytest.raises(ChartArgumentError, match=r"^region: 'Biobío'.*did you mean Biobio\?$"):
        rain.rain_by_year(TWO_YEARS, region="Biobío")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"first": "PIB_Minera", "second": "PIB"},
            "first: 'PIB_Minera' is not among the 4 columns: PIB, PIB_Mineria, Imacec_minero, "
            "PIB_Pesca; did you mean PIB_Mineria?",
        ),
        (
            {"first": "PIB", "second": "milk"},
            "second: 'milk' is not among the 4 columns: PIB, PIB_Mineria, Imacec_minero, PIB_Pesca",
        ),
        (
            {"first": "PIB", "second": "PIB_Pesca"},
            "second: PIB_Pesca has no value in 2013-01 to 2013-05",
        ),
        (
            {"first": "PIB", "second": "PIB_Mineria", "first_month": "2013-01"},
            "first_month: 2013-01 is not in the data; there are 2013-02 to 2013-04",
        ),
        (
            {"first": "Imacec_minero", "second": "PIB", "first_month": "2013-02"},
            "first: Imacec_minero has no value in 2013-02 to 2013-04",
        ),
    ],
    ids=["first", "second", "series without a value", "month before both", "months without one"],
)
def test_pair_of_series_refuses_what_can_not_be_drawn(
    arguments: dict[str, str], message: str
) -> None:
    """A month counts as in the data if one of the two has a value in it."""
    with pytest.raises(ChartArgumentError) as raised:
        series.series_pair(MACRO, **arguments)

    assert str(raised.value) == message


def test_list_of_many_known_names_is_cut() -> None:
    """The message stays one line that can be read; close names are still suggested."""
    table = pd.DataFrame(
        {"month": months("2013-01", 1)} | {one.name: [1.0] for one in BANCO_CENTRAL}
    )

    with pytest.raises(ChartArgumentError) as raised:
        series.series_pair(table, first="PIB_Pesco", second="PIB")

    assert "among the 84 columns" in raised.value.problem
    assert raised.value.problem.count(", ") == 10
    assert raised.value.problem.endswith(", …; did you mean PIB_Pesca?")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ({}, {}, "before: 0 series; expected 1 to 6"),
        (*[{name: [1.0] for name in "abcdefg"}] * 2, "before: 7 series; expected 1 to 6"),
        ({"a": [1.0], "b": [1.0]}, {"b": [1.0]}, "after: has b; expected a, b as before"),
        ({"a": [0.0]}, {"a": [1.0]}, "before: a has no positive value"),
        ({"a": [1.0]}, {"a": [np.nan]}, "after: a has no positive value"),
    ],
)
def test_repaired_series_that_can_not_be_compared_are_refused(
    before: dict[str, list[float]], after: dict[str, list[float]], message: str
) -> None:
    """A logarithmic scale has no place for zero, and six panels are what can be read."""
    with pytest.raises(ChartArgumentError) as raised:
        tables.before_and_after(
            pd.Series(months("2013-01", 1)),
            before=pd.DataFrame(before),
            after=pd.DataFrame(after),
            title="",
            unit="",
        )

    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("count", "ticks"),
    [
        (1, ["2013-01"]),
        (12, [f"2013-{month:02}" for month in range(1, 13)]),
        (36, ["2013-01", "2013-04", "2013-07", "2013-10", "2014-01"]),
        (37, ["2013", "2014", "2015", "2016"]),
        (500, ["2015", "2020", "2025", "2030", "2035"]),
    ],
)
def test_axis_of_months_has_at_most_twelve_labels(count: int, ticks: list[str]) -> None:
    """Few months are named each, many only by round years."""
    days = months("2013-01", count)
    axes = style.titled_figure("", height_in=3).subplots()
    axes.plot(days.to_numpy(), range(count))
    style.month_axis(axes, pd.Series(days))
    charts.png(axes.figure)

    first, last = axes.get_xlim()
    shown = [
        label.get_text()
        for at, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
        if first <= at <= last
    ]
    assert shown[: len(ticks)] == ticks
    assert len(shown) <= 12
