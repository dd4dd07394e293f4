"""The units of a request's numbers: true ones, or those of the old digit convention.

The export lost the decimal points of the macroeconomic series, and clients send them as they
found them: `112.152.352` as 112152352 for a GDP of 11215.2352. What a column can hold spans less
than a factor of ten around its history, so exactly one power of ten can bring a number there, and
both conventions are understood without being told apart.

The service loads this module with the models, so it imports nothing of training.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.errors import OutOfRangeError
from spike_assets.series.catalogue import FEATURE_NAMES, IMACEC, NUM, PIB, PLAUSIBLE

REACH = 1.5
"""Factor by which a number may leave the range of its history, in each direction."""

WITH_LOST_DECIMALS = (*PIB, *IMACEC, NUM)
"""The columns that the export took the decimal point from."""

_LOST_DECIMALS = np.isin(FEATURE_NAMES, WITH_LOST_DECIMALS)


@dataclass(frozen=True)
class InputRanges:
    """The range of each of `FEATURE_NAMES`, around the months that a model was trained on.

    Attributes:
        lowest: Shape `(48,)`, in the units of the catalogue.
        highest: Shape `(48,)`.
    """

    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]

    @classmethod
    def around(cls, rows: NDArray[np.float64]) -> Self:
        """Take the ranges from history.

        Args:
            rows: Rows of `FEATURE_NAMES` in true units, shape `(n_months, 48)`; the columns that
                lost decimals are positive.
        """
        plausible = [PLAUSIBLE[name] for name in FEATURE_NAMES]
        lowest = np.array([one.lowest for one in plausible], dtype=np.float64)
        highest = np.array([one.highest for one in plausible], dtype=np.float64)
        least, most = rows[:, _LOST_DECIMALS].min(axis=0), rows[:, _LOST_DECIMALS].max(axis=0)
        # Never a whole decade, or a number would fit at two powers of ten.
        floor = np.maximum(least / REACH, np.sqrt(least * most / 10))
        lowest[_LOST_DECIMALS] = floor
        highest[_LOST_DECIMALS] = np.minimum(most * REACH, np.nextafter(floor * 10, 0))
        return cls(lowest=lowest, highest=highest)

    def in_true_units(self, rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
        """Bring the numbers of a request to true units.

        Args:
            rows: Rows of `FEATURE_NAMES` as sent, shape `(n_rows, 48)`.

        Returns:
            The rows in true units, and how many cells were rescaled.

        Raises:
            OutOfRangeError: A number does not fit its column at any power of ten.
        """
        outside = (rows < self.lowest) | (rows > self.highest)
        if not outside.any():
            return rows, 0
        middle = np.sqrt(self.lowest * self.highest)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            power = np.round(np.log10(middle / rows))
        moved = outside & _LOST_DECIMALS & np.isfinite(power)
        scaled = rows.copy()
        # Dividing by a whole power of ten rounds once; multiplying by 0.00001 would round twice.
        down, up = moved & (power < 0), moved & (power > 0)
        scaled[down] = rows[down] / 10.0 ** -power[down]
        scaled[up] = rows[up] * 10.0 ** power[up]
        wrong = np.argwhere((scaled < self.lowest) | (scaled > self.highest))
        if len(wrong):
            row, column = (int(at) for at in wrong[0])
            raise OutOfRangeError(
                row=row,
                column=FEATURE_NAMES[column],
                value=float(rows[row, column]),
                lowest=float(self.lowest[column]),
                highest=float(self.highest[column]),
                at_any_power_of_ten=bool(_LOST_DECIMALS[column]),
            )
        return scaled, int((down | up).sum())
