"""From errors of the service's own to problem documents, for every endpoint alike."""

from http import HTTPStatus

from starlette.responses import Response

from bento.answer import UnanswerableRequestError
from bento.edge.problems import problem
from bento.served_models import NothingServedError, NotServedError
from spike_assets.registry.errors import ModelStoreError

ANSWERED_ERRORS = (ModelStoreError, NotServedError, NothingServedError, UnanswerableRequestError)
"""What an endpoint may raise; anything else is a fault of the service."""


def error_answer(error: Exception) -> Response:
    """Say in a problem document what one of `ANSWERED_ERRORS` says."""
    if isinstance(error, UnanswerableRequestError):
        return problem(
            error.status, str(error), errors=[{"field": error.field, "detail": error.detail}]
        )
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
