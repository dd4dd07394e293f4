"""The one form of errors."""

import json
from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bento.edge.problems import invalid_request, problem


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: Annotated[int, Field(ge=0, le=100)]


def test_problem_has_the_members_of_rfc_9457():
    """Clients find the status, its phrase and a sentence, whatever went wrong."""
    answer = problem(404, "nothing here", headers={"X-Here": "yes"})

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Here"] == "yes"
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "nothing here",
    }


def test_half_a_character_of_a_client_is_written_in_ascii():
    """A lone surrogate, which no encoding can hold, does not break the answer about it."""
    answer = problem(400, "\ud800 ñ")

    assert answer.body.isascii()
    assert json.loads(answer.body)["detail"] == "\ud800 ñ"


def test_status_that_http_does_not_know_has_the_title_of_its_class():
    """An application may answer any number."""
    assert json.loads(problem(499, "").body)["title"] == "Bad Request"


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ({}, ["number"]),
        ({"number": 1, "x" * 1000: 1}, ["x" * 200]),
        ({"number": 1, "a": 1, "b": 1, "c": 1}, ["a", "b", "c"]),
        ({str(position): 0 for position in range(50)}, ["number", "body"]),
        ({"number": [0] * 50}, ["number"]),
        (None, ["body"]),
    ],
    ids=["missing", "long name", "few names", "many names", "no number", "no object"],
)
def test_faults_of_a_request_are_listed_within_bounds(content, fields):
    """What is echoed does not grow with what was sent."""
    with pytest.raises(ValidationError) as caught:
        Question.model_validate(content)

    errors = json.loads(invalid_request(caught.value, form="").body)["errors"]

    assert [error["field"] for error in errors] == fields


@pytest.mark.parametrize(
    ("number", "limits"), [(-1, {"minimum": 0}), (101, {"maximum": 100}), ("one", {})]
)
def test_fault_of_a_number_has_the_limit_that_it_breaks(number, limits):
    """So that a client can tell it in its own words."""
    with pytest.raises(ValidationError) as caught:
        Question.model_validate({"number": number})

    (error,) = json.loads(invalid_request(caught.value, form="").body)["errors"]

    assert {name: error.get(name) for name in limits} == limits
    assert set(error) == {"field", "detail", *limits}


def test_no_more_than_twenty_faults_are_listed_and_all_are_counted():
    """A client that sends more has one mistake many times."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(list[int]).validate_python(["no"] * 50)

    answer = json.loads(invalid_request(caught.value, form="").body)

    assert [error["field"] for error in answer["errors"]] == [f"[{n}]" for n in range(20)]
    assert answer["detail"].startswith("[0]: ")
    assert answer["detail"].endswith(" (and 49 more)")


def test_other_structure_is_answered_with_what_to_send():
    """The missing field comes first, the names that are not allowed are a number."""
    with pytest.raises(ValidationError) as caught:
        Question.model_validate({f"column {position}": 0 for position in range(48)})

    answer = json.loads(invalid_request(caught.value, form='{"number": 1}').body)

    assert answer["detail"] == 'number: Field required (and 48 more). Send {"number": 1}'
    assert answer["errors"] == [
        {"field": "number", "detail": "Field required"},
        {"field": "body", "detail": "48 names are not allowed, the first 'column 0'"},
    ]
