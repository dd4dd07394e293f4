"""Errors of the models: requests that a model can't answer."""


class UnknownLaggedPricesError(ValueError):
    """The three prices before a month are not known.

    Attributes:
        row: Position of the first such row.
        month: Its month, as `2014-01`.
        first: First month that can be answered.
        last: Last month that can be answered.
    """

    def __init__(self, *, row: int, month: str, first: str, last: str) -> None:
        super().__init__(
            f"row {row}: the milk price before {month} is not known; "
            f"months from {first} to {last} can be answered"
        )
        self.row = row
        self.month = month
        self.first = first
        self.last = last


class OutOfRangeError(ValueError):
    """A number is out of its column's range, wherever its decimal point is.

    Attributes:
        row: Position of the row.
        column: The column.
    """

    def __init__(
        self,
        *,
        row: int,
        column: str,
        value: float,
        lowest: float,
        highest: float,
        at_any_power_of_ten: bool,
    ) -> None:
        anywhere = ", at any power of ten" if at_any_power_of_ten else ""
        super().__init__(f"{value:g} is out of range: {lowest:.6g} to {highest:.6g}{anywhere}")
        self.row = row
        self.column = column


class ObservationError(ValueError):
    """An observed price does not follow from those that are known.

    Attributes:
        position: Position of the observation, from 0.
        month: Its month.
        field: What is wrong with it: `month` or `price_clp_per_litre`.
        accepted: The least and the largest price accepted, CLP per litre, if that is wrong.
    """

    def __init__(
        self,
        message: str,
        *,
        position: int,
        month: str,
        field: str,
        accepted: tuple[float, float] | None = None,
    ) -> None:
        super().__init__(message)
        self.position = position
        self.month = month
        self.field = field
        self.accepted = accepted


class UnanswerableMonthError(ValueError):
    """A month is out of the range of the forecasts.

    Attributes:
        month: The month, as `2031-01`.
        first: First month that can be answered.
        last: Last month that can be answered.
    """

    def __init__(self, *, month: str, first: str, last: str) -> None:
        super().__init__(f"no forecast for {month}; available: {first} to {last}")
        self.month = month
        self.first = first
        self.last = last
