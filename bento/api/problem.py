"""What an error is answered with: a problem document (RFC 9457)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class FieldFault(BaseModel):
    """A field of the request and what is wrong with it."""

    field: Annotated[str, Field(description="As `query[0].mes`; `body` for the whole of it.")]
    detail: str


class Problem(BaseModel):
    """What went wrong and what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "detail": "query[0].mes: Input should be less than or equal to 12",
                "errors": [
                    {
                        "field": "query[0].mes",
                        "detail": "Input should be less than or equal to 12",
                    }
                ],
            }
        }
    )

    type: str
    title: Annotated[str, Field(description="The phrase of the status.")]
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str, Field(description="What went wrong and what to do, for a person.")]
    errors: Annotated[
        list[FieldFault], Field(default_factory=list, description="The faults, field by field.")
    ]
