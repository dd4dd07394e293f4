"""How the notebook reads the numbers that lost their decimal point.

The export of the Banco Central series dropped the decimal point and trailing zeros and regrouped
the digits by three: `102.796.218` was 102.796218. The digits are right, the power of ten is lost.
The notebook reads them by two rules, reproduced here as they are; both leave cells on a wrong
power of ten, and the second cuts most values to one decimal.
"""


def all_digits(cell: str) -> float:
    """Read the digits as one integer: `102.796.218` is 102796218. The rule for GDP."""
    return float(cell.replace(".", ""))


def first_digit_rule(cell: str) -> float:
    """Place the point so that the value is near 100. The rule for the indices.

    Three digits come before it if the first is a 1, else two; a leading group of three keeps only
    the group behind it (after a 1) or its own last digit.
    """
    head, _, rest = cell.partition(".")
    following = rest.partition(".")[0]
    whole_digits = 3 if head.startswith("1") else 2
    if len(head) < 3:
        digits = head + following
        return float(f"{digits[:whole_digits]}.{digits[whole_digits:] or 0}")
    return float(f"{head}.{following or 0}" if whole_digits == 3 else f"{head[:2]}.{head[-1]}")
