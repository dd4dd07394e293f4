"""A real `bentoml serve` process for the tests to ask."""

import pytest


@pytest.fixture(scope="session")
def start_service(running_server, free_port):
    """What runs `bentoml serve` at the root of the repository, on a free port."""

    def start(environment, folder):
        port = free_port()
        return running_server(
            ["bentoml", "serve"],
            environment={**environment, "BENTOML_PORT": str(port)},
            port=port,
            health_path="/livez",
            log_file=folder / "service.log",
        )

    return start


@pytest.fixture(scope="session")
def sample_service(sample_run, start_service, tmp_path_factory):
    """The service on the models of the embedded sample."""
    with start_service(sample_run.environment, tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="session")
def real_service(real_run, start_service, tmp_path_factory):
    """The service on the models of the real files."""
    with start_service(real_run.environment, tmp_path_factory.mktemp("service")) as service:
        yield service
