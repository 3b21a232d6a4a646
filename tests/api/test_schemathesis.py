"""The whole API against its own description, with values that nobody would think of: as an admin of `acme`,
one operation at a time and in sequences that use what others answered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, Response
from schemathesis.checks import CHECKS, load_all_checks
from starlette.testclient import TestClient

from officeflow.api.description import described
from officeflow.api.paths import PATH
from officeflow.rights.permissions import Role
from officeflow.settings import Settings

pytestmark = pytest.mark.integration

EXAMPLES, SEQUENCES = 5, 10
"""Of each operation, and of all together."""

NOT_CHECKED = {
    "positive_data_acceptance": "what fits the description may still be refused: a name that is taken",
    "ignored_auth": "asks anew without credentials for each answer; tests/api/test_matrix.py asks once",
    "ensure_resource_availability": "an act may have to wait for a second person",
    "missing_required_header": "asks with headers of its own; If-Match has its tests",
}

load_all_checks()
CHOSEN: Any = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in NOT_CHECKED]
SERVER_ERROR: Any = CHECKS.get_one("not_a_server_error")
"""What is Airflow's cannot be done here: no Airflow runs."""

FEW: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


AWAY = (b"no answer from Airflow", b"Kafka at 127.0.0.1:1 did not take")
"""What is said of what is not there in these tests."""


@pytest.fixture
def api_settings(valkey_url: str) -> Settings:
    """Nobody's Kafka is sent what a generator thinks of."""
    return Settings.model_validate({"redis_url": valkey_url, "kafka_bootstrap": "127.0.0.1:1"})


class Asked:
    """Sends cases through one client, so that all have one event loop and one address."""

    def __init__(self, client: TestClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    def send(self, case: schemathesis.Case[Any]) -> Response:
        sent = case.as_transport_kwargs(base_url=f"http://api.test{PATH}")
        for name in ("allow_redirects", "verify", "cookies"):
            sent.pop(name, None)
        sent["content"] = sent.pop("data", None)
        given = {**(sent.get("headers") or {}), **self._headers}
        sent["headers"] = {name: str(value).encode() for name, value in given.items()}
        answer = self._client.request(**sent)
        return Response.from_any(answer)

    def check(self, case: schemathesis.Case[Any], answer: Response) -> None:
        is_away = answer.status_code == 503 and any(each in answer.content for each in AWAY)
        checks = [each for each in CHOSEN if not (is_away and each is SERVER_ERROR)]
        case.validate_response(answer, checks=checks, headers=self._headers)


@pytest.fixture
def asked(anybody: TestClient, as_role: Callable[[Role], dict[str, str]]) -> Asked:
    return Asked(anybody, as_role(Role.ADMIN))


ENDLESS = ["follow_changes"]
"""Streams: tests/api/test_changes.py follows them."""

SCHEMA = schemathesis.openapi.from_dict(described()).exclude(operation_id=ENDLESS)
OPERATIONS: list[Any] = [cast("Any", each).ok() for each in SCHEMA.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_an_operation_does_what_its_description_says(operation: Any, asked: Asked) -> None:
    known = {"org": "acme"} if "{org}" in operation.path else None

    @settings(max_examples=EXAMPLES, **FEW)
    @given(
        case=operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known)
        | operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=known)
    )
    def run(case: schemathesis.Case[Any]) -> None:
        asked.check(case, asked.send(case))

    run()


def test_sequences_of_operations_do_what_the_description_says(asked: Asked) -> None:
    class Sequences(SCHEMA.as_state_machine()):  # type: ignore[misc]
        def call(self, case: schemathesis.Case[Any], **_: Any) -> Response:
            if "org" in case.path_parameters:
                case.path_parameters["org"] = "acme"
            return asked.send(case)

        def validate_response(self, response: Response, case: schemathesis.Case[Any], **_: Any) -> None:
            asked.check(case, response)

    Sequences.run(settings=settings(max_examples=SEQUENCES, stateful_step_count=8, **FEW))
