"""`trial.sleep`."""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import Field

from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec
from trial_nodes.trial._evidence import Evidence, count, leave


class Params(Evidence):
    """How long."""

    seconds: float = Field(description="How long an attempt takes.")
    until: str = Field("", description="A file whose coming ends it sooner.")


class Result(NodeOutput):
    """Nothing more."""


class Sleep(Node[Params, None, Result]):
    """An act that takes long: its effect is the word `ended`."""

    spec = NodeSpec(type="trial.sleep", title="Sleep", group="Trial", effect=Effect.CHECK_THEN_ACT)

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        if leave(params, act, "began") <= params.times:
            act.note(f"sleeps for {params.seconds} s")
            _sleep(params)
        leave(params, act, "ended")
        return Result()

    def find(self, params: Params, provider: None, act: Act) -> Result | None:
        return Result(changed=False) if count(params, act, "ended") else None


def _sleep(params: Params) -> None:
    deadline = time.monotonic() + params.seconds
    while (left := deadline - time.monotonic()) > 0:
        if params.until and Path(params.until).exists():
            return
        time.sleep(min(left, 0.1) if params.until else left)
