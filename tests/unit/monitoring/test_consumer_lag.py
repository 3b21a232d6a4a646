from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from officeflow.errors import Unavailable
from officeflow.kafka_access import KafkaAccess
from officeflow.monitoring import consumer_lag
from officeflow.monitoring.consumer_lag import GroupLag, group_lag

NOBODY = KafkaAccess(bootstrap="127.0.0.1:1")


def answering(monkeypatch: pytest.MonkeyPatch, *answers: int | GroupLag) -> list[int]:
    """What the brokers answer in turn: an error by its number, or the lag. Gives how often they are asked."""
    left: Iterator[int | GroupLag] = iter(answers)
    asked: list[int] = []

    def answer(*_: Any) -> GroupLag:
        asked.append(1)
        told = next(left)
        if isinstance(told, int):
            raise KafkaException(KafkaError(told))
        return told

    monkeypatch.setattr(consumer_lag, "_group_lag", answer)
    return asked


@pytest.mark.parametrize(
    "passing",
    [
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
    ],
)
def test_a_broker_that_takes_something_over_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, passing: int
) -> None:
    lag = GroupLag("listener", 4, {"employee.exit.acme": 3})
    asked = answering(monkeypatch, passing, passing, lag)
    assert group_lag(NOBODY, "listener", "^employee") == lag
    assert len(asked) == 3


def test_what_does_not_pass_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, KafkaError.GROUP_AUTHORIZATION_FAILED)
    with pytest.raises(Unavailable, match=r"Kafka at .*127\.0\.0\.1:1"):
        group_lag(NOBODY, "listener", "^employee")
    assert len(asked) == 1
