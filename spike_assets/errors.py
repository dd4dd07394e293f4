"""What a trained regressor can't answer."""


class UnknownPriceHistoryError(ValueError):
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
