"""Private names of BentoML that the service uses, all of them; checked with BentoML 1.4.39.

The registry has one more, in `stored_model`: importing these takes its commands half a second.
"""

from _bentoml_impl.serde import Serde
from _bentoml_sdk.io_models import IODescriptor
from _bentoml_sdk.models import BentoModel
from _bentoml_sdk.service import Service
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.context import server_context

__all__ = [
    "BentoMLContainer",
    "BentoModel",
    "IODescriptor",
    "Serde",
    "Service",
    "server_context",
]
