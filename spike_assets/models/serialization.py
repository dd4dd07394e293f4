"""Serialization of models as skops files: data that is checked while it is read.

Not a pickle, which runs code. skops loads all of scikit-learn, which takes a second, and a process
of the service that only starts the workers reads no model: hence it is loaded at the first use.
"""

import warnings
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any


def to_skops(fields: Mapping[str, Any]) -> bytes:
    """Serialize the fields of a model."""
    import skops.io

    return bytes(skops.io.dumps(fields, compression=zipfile.ZIP_DEFLATED))


def from_skops(content: bytes, *, trusted: Sequence[str]) -> dict[str, Any]:
    """Deserialize the fields of a model.

    Scikit-learn warns of each estimator that another release wrote. The registry compares the
    releases itself, and checks an example.

    Args:
        content: The file.
        trusted: What it may hold beyond the types that skops trusts by itself.

    Raises:
        UntrustedTypesFoundException: It holds another type; nothing of it was run.
    """
    import skops.io
    from sklearn.exceptions import InconsistentVersionWarning

    with warnings.catch_warnings(action="ignore", category=InconsistentVersionWarning):
        fields: dict[str, Any] = skops.io.loads(content, trusted=list(trusted))
    return fields
