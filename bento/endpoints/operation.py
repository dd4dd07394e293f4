"""Operations: endpoints as the OpenAPI document describes them, with the handlers of ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from bento.api.json_body import JsonBody


@dataclass(frozen=True, kw_only=True)
class Operation:
    """The description of an endpoint: POST if it takes a body, else GET.

    Attributes:
        path: Its path.
        id: Its id, and the method of BentoML's client if it takes a body.
        tag: The group that it is listed in.
        summary: What it is for, in a few words.
        description: What else to know.
        body: The body that it takes.
        answer: The body of its answer; plain text if None.
        parameters: Its parameters, as in the document.
        headers: Headers of its answer, beyond those of all like it.
        errors: What it may answer besides what all like it may.
        public: Whether it needs no key.
    """

    path: str
    id: str
    tag: str
    summary: str
    description: str
    body: type[JsonBody] | None = None
    answer: type[BaseModel] | None = None
    parameters: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[HTTPStatus] = ()
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class Endpoint(Operation):
    """An operation that this service answers, not BentoML by itself.

    Attributes:
        handler: Takes a body and the served models to a `Result`, or a GET request and the
            reloader to a model of `api` or a response of it.
        in_thread: Whether it takes longer than the event loop may wait.
        names: What `{name}` in the path may be. Each is a route of its own: any other path is
            answered 404 before it becomes a label of BentoML's metrics.
    """

    handler: Callable[..., Any]
    in_thread: bool = True
    names: Sequence[str] = ()

    @property
    def paths(self) -> list[str]:
        """Every path that it is answered at."""
        return [self.path.format(name=name) for name in self.names] or [self.path]
