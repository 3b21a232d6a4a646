"""`trial.crash`."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Literal

from pydantic import Field

from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec
from trial_nodes.trial._evidence import Evidence, leave


class Params(Evidence):
    """How."""

    how: Literal["segfault", "kill", "exit"] = Field(description="What ends the process.")


class Result(NodeOutput):
    """Nothing more."""


class Crash(Node[Params, None, Result]):
    """The process dies: by a fault in native code, by the kernel short of memory, by a library that ends
    it.
    """

    spec = NodeSpec(type="trial.crash", title="Crash", group="Trial", effect=Effect.IDEMPOTENT)

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        if leave(params, act, "began") <= params.times:
            act.note("dies now")
            match params.how:
                case "segfault":
                    ctypes.string_at(0)
                case "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                case "exit":
                    os._exit(3)
        return Result()
