"""What an endpoint has to say: an answer, or which field of the request it can't answer."""

from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel

from bento.served_models import ServedModel


@dataclass(frozen=True)
class Answer:
    """An answer, and what is logged and counted of it.

    Attributes:
        body: What is sent.
        model: Who answers.
        n_rows: Rows predicted, or months forecast or evaluated.
        n_rescaled_cells: Numbers that were brought to true units, where that is done.
    """

    body: BaseModel
    model: ServedModel
    n_rows: int
    n_rescaled_cells: int | None = None


class UnanswerableRequestError(Exception):
    """A request that fits its schema asks for what the served model can't answer.

    Attributes:
        field: Where, as `observations[0].month`.
        detail: What is wrong, and what could be asked.
        status: 400, or 409 if another model is served than the one expected.
    """

    def __init__(
        self, field: str, detail: str, *, status: HTTPStatus = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail
        self.status = status
