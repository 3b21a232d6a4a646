from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from dag_factory import documents
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec, Sensitive
from officeflow.workflows.models import Node as Drawn


class Login(BaseModel):
    user: str
    password: Annotated[str, Sensitive]


class Params(NodeParams):
    logins: list[Login]
    token: Annotated[str, Sensitive]


class LogIn(Node[Params, None, NodeOutput]):
    """Log in."""

    spec = NodeSpec(
        type="test.log_in", title="Log in", group="Test", effect=Effect.AT_MOST_ONCE, irreversible=True
    )

    def perform(self, params: Params, provider: None, act: Act) -> NodeOutput:
        return NodeOutput()


def test_sensitive_parameters_are_masked_in_a_tasks_document_at_any_depth() -> None:
    params: dict[str, Any] = {"logins": [{"user": "ana", "password": "s3cret"}], "token": "t0ken"}
    text = documents.of_node(Drawn(id="a", type="test.log_in", params=params), LogIn)
    assert '"user": "ana"' in text
    assert "s3cret" not in text
    assert "t0ken" not in text


def test_a_tasks_document_says_when_nothing_undoes_it() -> None:
    text = documents.of_node(Drawn(id="a", type="test.log_in"), LogIn)
    assert "in doubt a person is asked; nothing undoes it" in text
