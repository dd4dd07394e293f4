"""The form of models at rest: a skops file, data that is checked while it is read.

Not a pickle, which runs code. skops loads all of scikit-learn, which takes a second, and a process
of the service that only starts the workers reads no model: hence it is loaded at the first use.
"""

import zipfile
from collections.abc import Mapping, Sequence
from typing import Any


def to_skops(fields: Mapping[str, Any]) -> bytes:
    """Give the file of a model's fields."""
    import skops.io

    return bytes(skops.io.dumps(fields, compression=zipfile.ZIP_DEFLATED))


def from_skops(content: bytes, *, trusted: Sequence[str]) -> dict[str, Any]:
    """Read the fields of a model.

    Args:
        content: The file.
        trusted: What it may hold beyond the types that skops trusts by itself.

    Raises:
        UntrustedTypesFoundException: It holds another type; nothing of it was run.
    """
    import skops.io

    fields: dict[str, Any] = skops.io.loads(content, trusted=list(trusted))
    return fields
