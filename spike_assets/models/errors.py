"""What a trained regressor can't answer."""


class UnknownLaggedPricesError(ValueError):
    """A month was asked for whose previous three prices are not known.

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
        position: Which one, from 0.
        month: Its month.
        field: What is wrong with it: `month` or `price_clp_per_litre`.
    """

    def __init__(self, message: str, *, position: int, month: str, field: str) -> None:
        super().__init__(message)
        self.position = position
        self.month = month
        self.field = field


class UnanswerableMonthError(ValueError):
    """No forecast can be given of a month.

    Attributes:
        month: The month, as `2031-01`.
        first: First month that can be answered.
        last: Last month that can be answered.
    """

    def __init__(self, *, month: str, first: str, last: str) -> None:
        super().__init__(f"{month} can't be answered: there are forecasts of {first} to {last}")
        self.month = month
        self.first = first
        self.last = last
