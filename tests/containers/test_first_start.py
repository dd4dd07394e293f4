"""A first start, without any setting."""

from tests.containers.stack import seconds_until


def test_first_run_trains_by_itself(trained, ui):
    """Nobody asked for it; `trained` saw to it that there was no other."""
    assert ui.runs()[trained]["jobName"] == "train"


def test_every_endpoint_answers_from_what_was_promoted(trained, service, question):
    """The page, the forecast and the old contract."""
    prediction = service.post("/predict", json=question)
    forecast = service.post("/forecast", json={"horizon": 3, "levels": [80]})

    assert len(prediction.json()["prediction"]) == len(question["query"])
    assert prediction.headers["X-Model-Tag"].startswith("model1:")
    assert len(forecast.json()["forecasts"]) == 3
    assert forecast.json()["synthetic"] is True
    assert "<html" in service.get("/").text


def test_models_are_listed_by_the_command(trained, stack, service, question):
    """The command of the readme, in the container that writes the store."""
    listed = stack.execute("dagster-code", "spike-assets", "models", "list")

    assert service.post("/predict", json=question).headers["X-Model-Tag"] in listed


def test_second_start_does_not_train_again(trained, stack, ui):
    """`up` on what is up, or was."""
    before = ui.runs()

    stack.up()
    seconds_until(lambda: "nothing to do" in stack.compose("logs", "first-run"), limit_s=60)

    assert ui.runs().keys() == before.keys()
