"""Numbers as publishers write them: JSON numbers, or text in the Chilean manner."""

import math
import re
from typing import Any

_CHILEAN = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?", re.ASCII)
_PLAIN = re.compile(r"-?\d+\.\d+", re.ASCII)


def chilean_number(value: Any) -> float | None:
    """Read a JSON number, or text such as `1.234,56`, `306,44` or `306.44`.

    Returns:
        The number; None if there is none. In text, a dot before three digits groups thousands, as
        it does in Chile; before any other number of digits it is a decimal point.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    text = str(value).strip()
    if _CHILEAN.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    return float(text) if _PLAIN.fullmatch(text) else None
