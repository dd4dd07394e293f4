"""The OpenAPI document of a real service, held against what it answers.

Schemathesis asks each operation what the document allows and what it does not: its examples, every
limit from both sides, and bodies drawn at random, the same in every run.
"""

import pytest
import schemathesis
from hypothesis import settings

from bento.openapi import openapi_document
from bento.service import OPERATIONS
from spike_assets.registry.model_store import ModelStore
from tests.support.answerable import Answerable

# Hypothesis would rather not print bodies of 600 months, which nobody asks it to.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

KEY = "a-key-of-the-contract"

CHECKS = {
    # A valid body is answered, whatever else schemathesis would forgive, and an invalid one is
    # refused for what it is.
    "positive_data_acceptance": {"expected-statuses": ["2xx"]},
    "negative_data_rejection": {"expected-statuses": ["400", "404", "405", "415"]},
}

PATIENCE_S = 30

FUZZING = settings(max_examples=60, derandomize=True, database=None, deadline=None)


def described(*, key_needed: bool, **generation: object) -> schemathesis.BaseSchema:
    config = schemathesis.Config.from_dict(
        {"checks": CHECKS, "generation": generation, "request-timeout": PATIENCE_S}
    )
    document = openapi_document(OPERATIONS, key_needed=key_needed)
    return schemathesis.openapi.from_dict(document, config=config)


open_contract = described(key_needed=False)
keyed_contract = described(key_needed=True, mode="positive")


@pytest.fixture(scope="session")
def answerable(sample_run) -> Answerable:
    """What the models of the sample can answer."""
    return Answerable(ModelStore(sample_run.bentoml_home).load_promoted())


@pytest.fixture(scope="module")
def keyed_service(sample_run, start_service, tmp_path_factory):
    """The same models behind an API key."""
    folder = tmp_path_factory.mktemp("keyed_service")
    with start_service(sample_run.environment, folder, SPIKE_API_KEY=KEY) as service:
        yield service


def made_answerable(case: schemathesis.Case, answerable: Answerable) -> schemathesis.Case:
    if case.meta.generation.mode.is_positive and isinstance(case.body, dict):
        case.body = answerable.body(case.path, case.body)
    return case


def url(service) -> str:
    return str(service.client.base_url).rstrip("/")


@open_contract.parametrize()
@FUZZING
def test_service_keeps_what_its_document_says(case, sample_service, answerable):
    """Valid requests are answered, others refused, both in the form that is written down."""
    made_answerable(case, answerable).call_and_validate(base_url=url(sample_service))


@keyed_contract.parametrize()
@settings(FUZZING, max_examples=10)
def test_service_with_a_key_keeps_it_too_and_answers_nobody_without_one(
    case, keyed_service, answerable
):
    """Each operation asks for the key, is not content with another, and then answers as ever."""
    made_answerable(case, answerable).call_and_validate(
        base_url=url(keyed_service), headers={"Authorization": f"Bearer {KEY}"}
    )


@pytest.mark.parametrize(
    ("service", "key_needed"), [("sample_service", False), ("keyed_service", True)]
)
def test_document_held_against_the_service_is_the_one_it_gives(service, key_needed, request):
    """What clients read is what was checked."""
    headers = {"X-API-Key": KEY} if key_needed else {}
    given = request.getfixturevalue(service).client.get("/docs.json", headers=headers).json()

    assert given == openapi_document(OPERATIONS, key_needed=key_needed)
