"""`trial.tell_secret`."""

from __future__ import annotations

import logging
import sys
from typing import Any

from officeflow.connectors.families import Family
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec


class Params(NodeParams):
    """None."""


class Result(NodeOutput):
    """Nothing more."""


class TellSecret(Node[Params, Any, Result]):
    """A careless node: it tells the connection's token in every way there is."""

    spec = NodeSpec(
        type="trial.tell_secret",
        title="Tell a secret",
        group="Trial",
        effect=Effect.PURE,
        family=Family.IDENTITY,
    )

    def perform(self, params: Params, provider: Any, act: Act) -> Result:
        secret = provider.http._client.headers["Authorization"].removeprefix("Bearer ")
        print(f"printed: {secret}", flush=True)  # noqa: T201 - the purpose
        sys.stderr.write(f"written: {secret}\n")
        logging.getLogger("careless").warning("logged: %s", secret)
        act.note(f"noted: {secret}")
        return Result()
