"""Many reads in few requests: https://learn.microsoft.com/graph/json-batching.

A part that is throttled inside a batch that was not is asked for again, after the time that it names.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from officeflow.connectors.call import Call
from officeflow.connectors.entra.errors import NotGraph, refusal, valid
from officeflow.connectors.entra.graph import Graph, Read, json_of
from officeflow.errors import RateLimited

if TYPE_CHECKING:
    import httpx

MOST = 20
UNTOLD_PAUSE = 1.0


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    status: int = Field(ge=200, lt=600)
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None


class Parts(BaseModel):
    responses: list[Part]


def answers(graph: Graph, reads: Sequence[Read], call: Call) -> list[httpx.Response]:
    """One for each read, in their order, whatever its status."""
    found: list[httpx.Response] = []
    for start in range(0, len(reads), MOST):
        found += _few(graph, reads[start : start + MOST], call)
    return found


def _few(graph: Graph, reads: Sequence[Read], call: Call) -> list[httpx.Response]:
    if len(reads) == 1:
        return [graph.answer(reads[0], call)]
    waiting = {str(number): read for number, read in enumerate(reads)}
    done: dict[str, httpx.Response] = {}
    end = time.monotonic() + graph.settle
    while waiting:
        came = _asked(graph, waiting, call)
        late = {name: error for name, each in came.items() if (error := _throttled(each, call))}
        done |= {name: each for name, each in came.items() if name not in late}
        waiting = {name: waiting[name] for name in late}
        if waiting:
            _wait(list(late.values()), end)
    return [done[str(number)] for number in range(len(reads))]


def _asked(graph: Graph, reads: Mapping[str, Read], call: Call) -> dict[str, httpx.Response]:
    import httpx

    requests = [
        {"id": name, "method": "GET", "url": read.address(), "headers": dict(read.headers())}
        for name, read in reads.items()
    ]
    answer = graph.send("POST", "$batch", call.reading(), body={"requests": requests})
    parts = valid(Parts, json_of(answer, call), call).responses
    if sorted(part.id for part in parts) != sorted(reads):
        raise call.not_in("Microsoft Graph", "its batch has not one answer to each request", NotGraph)
    return {
        part.id: httpx.Response(
            part.status,
            headers=_plain(part.headers),
            content=json.dumps(part.body).encode(),
            request=answer.request,
        )
        for part in parts
    }


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """Those that matter here: the body is JSON of ours now."""
    return {name: value for name, value in headers.items() if name.lower() == "retry-after"}


def _throttled(response: httpx.Response, call: Call) -> RateLimited | None:
    if response.status_code not in {429, 503}:
        return None
    error = refusal(response, call)
    return error if isinstance(error, RateLimited) else None


def _wait(late: Sequence[RateLimited], end: float) -> None:
    """Until all may be asked again; the error of one that names too late a time."""
    last = max(late, key=_seconds)
    if time.monotonic() + _seconds(last) > end:
        raise last
    time.sleep(_seconds(last))


def _seconds(error: RateLimited) -> float:
    return UNTOLD_PAUSE if error.retry_after is None else error.retry_after
