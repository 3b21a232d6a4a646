"""A started stack, as a value."""

from __future__ import annotations

import json

from officeflow.kafka_access import KafkaAccess
from officeflow.layout import Layout, write_private
from officeflow.stack import ports
from officeflow.stack.stack import Given, Stack


def test_given_services_replace_our_addresses(layout: Layout) -> None:
    given = Given.from_environment(
        layout, {"OFFICEFLOW_KAFKA_BOOTSTRAP": "k:1", "OFFICEFLOW_DATABASE_URL": "postgresql://elsewhere/o"}
    )
    stack = Stack(layout, ports.defaults(), given)
    assert stack.kafka == KafkaAccess("k:1")
    addresses = [stack.environment[f"OFFICEFLOW_DATABASE_{kind}URL"] for kind in ("", "TENANT_", "SERVICE_")]
    assert addresses == ["postgresql://elsewhere/o"] * 3, (
        "processes are not given the owner's under its own name"
    )
    assert "127.0.0.1:16379" in stack.redis_url
    assert not given.both_databases


def test_a_process_of_the_stack_that_calls_up_gives_nothing(layout: Layout) -> None:
    stack = Stack(layout, ports.defaults(), Given(redis_url="redis://elsewhere"))
    write_private(layout.state_file, json.dumps({"environment": stack.environment, "given": ["redis_url"]}))
    assert Given.from_environment(layout, stack.environment) == Given(redis_url="redis://elsewhere")


def test_a_password_with_signs_is_quoted_in_addresses(layout: Layout) -> None:
    write_private(layout.home / "secrets.json", json.dumps({"postgres_officeflow": "a/b@c"}))
    assert "officeflow:a%2Fb%40c@127.0.0.1" in Stack(layout, ports.defaults()).database_url
