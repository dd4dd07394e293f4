"""Pictures: the facts that hold of every one, and the lines that are drawn on it."""

import io

import matplotlib.image
import numpy as np
from matplotlib.axes import Axes


def assert_picture(
    content: bytes, *, size: tuple[int, int], n_bytes: range = range(10_001, 200_000)
) -> None:
    """Check that a PNG can be decoded, fits a dialog and metadata, and is not blank."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(content) in n_bytes
    pixels = matplotlib.image.imread(io.BytesIO(content), format="png")
    assert pixels.shape == (*size[::-1], 4)
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 10


def line(axes: Axes, label: str) -> list[list[float]]:
    """Return the points of the line with this label."""
    (found,) = (one for one in axes.lines if one.get_label() == label)
    return found.get_xydata().tolist()
