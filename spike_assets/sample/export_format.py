"""The damage that the export of the Banco Central series did to them, not its repair.

Measured on the published file: the order of its rows, the months it repeats or invents, its
unreadable cells, and, without exception in 14,292 cells, how it lost decimal points. The sample is
written this way, and tests damage known numbers with it.
"""

from collections.abc import Mapping

_PERIOD = "Periodo"

_UNREADABLE = "a"
"""Content of some cells in place of a number."""

_SIGNIFICANT_DIGITS = 9
_GROUP = 3
_YEAR_DIGITS = 4
_FIRST_YEAR_OF_1900S = 30

_BLOCKS = (
    ("2013-03", "2018-08"),
    ("2018-08", "2019-08"),
    ("2019-08", "2020-05"),
    ("2020-13", "2020-13"),
    ("2020-06", "2020-10"),
    ("2009-01", "2013-02"),
    ("2020-11", "2020-11"),
    ("1970-01", "2008-12"),
)
"""First and last month of each run of rows: two blocks repeat the month before them, one has an
impossible month."""

_IMPOSSIBLE_MONTH = "2020-13"
_SERIES_OF_IMPOSSIBLE_MONTH = (
    "Imacec_comercio",
    "PIB_Otras_actividades_mineras",
    "Ocupacion_en_Explotacion_de_minas_y_canteras_INE",
    "Indice_de_ventas_comercio_real_durables_IVCM",
)

_UNREADABLE_CELLS = {
    "Imacec_industria": ("1972-07",),
    "PIB_Agropecuario_silvicola": ("1974-10",),
    "PIB_Industria_Manufacturera": ("1972-05", "1972-06", "1972-07", "1972-08"),
    "PIB_Quimica": ("1971-05", "1972-07", "1973-01"),
    "PIB_Minerales_no_metalicos_y_metalica_basica": ("2010-02",),
    "Ocupacion_en_Suministro_de_electricidad_INE": ("1972-02",),
    "Ocupacion_en_Informacion_y_comunicaciones_INE": ("1970-11",),
    "Ocupacion_en_Suministro_de_agua_evacuacion_de_aguas_residuales_INE": ("2009-06", "2010-03"),
    "Ocupacion_en_Otras_actividades_de_servicios_INE": ("2011-08",),
}
"""Months in which a series holds `_UNREADABLE`: all before it begins, so that no number is lost."""


def lose_decimal_point(value: float) -> str:
    """Write a number as the export did.

    It is rounded to nine significant digits, without trailing zeros. Three or more decimals make
    its point a thousands separator: the digits are kept and regrouped by three from the right, the
    power of ten is lost. With fewer decimals it stays as it is. So does what could be a date:
    4.2017 as a month and year; 3.07 as a day and month, written 03.07. A year of two digits gets
    its century: 5.0057 is written 5.1957, and 5.0021 is written 5.2021.

    Args:
        value: In any unit; 0, or from 0.0001 to below a thousand million.

    Returns:
        The cell's text: `102.796.218` for 102.796218, `10.546.824` for 105.46824, `512` for 0.512.
    """
    text = f"{value:.{_SIGNIFICANT_DIGITS}g}"
    whole, _, decimals = text.partition(".")
    if len(decimals) < _GROUP:
        is_date = len(decimals) == 2 and decimals.startswith("0") and 1 <= int(whole) <= 9
        return f"0{text}" if is_date else text
    if len(decimals) == _YEAR_DIGITS and 1 <= int(whole) <= 12:
        return f"{whole}.{_with_century(decimals)}"
    return f"{int(whole + decimals):,}".replace(",", ".")


def _with_century(year: str) -> str:
    """Write a year of four digits, the first two of which may be zeros, as spreadsheets do."""
    if not year.startswith("00"):
        return year
    return f"{'19' if int(year) >= _FIRST_YEAR_OF_1900S else '20'}{year[2:]}"


def export_banco_central(series: Mapping[str, Mapping[str, float]]) -> bytes:
    """Write `banco_central.csv` with all the faults of the published file.

    Args:
        series: For each of the 84 columns, in order, its values by month (`1996-01`), from
            1970-01 to 2020-11; a month that is left out becomes an empty cell. The impossible
            month repeats values of 2020-09.

    Returns:
        The file: 614 rows, CRLF line ends and none after the last row.
    """
    cells = {
        name: {month: lose_decimal_point(value) for month, value in values.items()}
        | dict.fromkeys(_UNREADABLE_CELLS.get(name, ()), _UNREADABLE)
        for name, values in series.items()
    }
    for name in _SERIES_OF_IMPOSSIBLE_MONTH:
        cells[name][_IMPOSSIBLE_MONTH] = lose_decimal_point(series[name]["2020-09"])
    rows = [
        [f"{month}-01 00:00:00 UTC", *(column.get(month, "") for column in cells.values())]
        for first, last in _BLOCKS
        for month in _months(first, last)
    ]
    return "\r\n".join(",".join(row) for row in [[_PERIOD, *cells], *rows]).encode()


def _months(first: str, last: str) -> list[str]:
    if first == last:
        return [first]
    numbers = range(_month_number(first), _month_number(last) + 1)
    return [f"{number // 12}-{number % 12 + 1:02}" for number in numbers]


def _month_number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1
