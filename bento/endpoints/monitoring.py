"""`/livez`, `/readyz` and `/metrics`, which BentoML answers by itself."""

from http import HTTPStatus

from bento.endpoints.operation import Operation

MONITORING = (
    Operation(
        path="/livez",
        id="livez",
        tag="operation",
        summary="Is the process alive",
        description="Needs no key.",
        public=True,
    ),
    Operation(
        path="/readyz",
        id="readyz",
        tag="operation",
        summary="Are there models to answer from",
        description="Needs no key. If not, 503 says what to do.",
        errors=(HTTPStatus.SERVICE_UNAVAILABLE,),
        public=True,
    ),
    Operation(
        path="/metrics",
        id="metrics",
        tag="operation",
        summary="Figures for Prometheus",
        description="Of BentoML, and of the models: answers, refusals, swaps, ages in days.",
    ),
)
