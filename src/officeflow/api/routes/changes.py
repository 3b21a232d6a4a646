"""Live changes, as server-sent events."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from officeflow.api import within
from officeflow.api.following import NEEDED, PING_SECONDS, Stream, Topic
from officeflow.api.needs import Caller, Needs
from officeflow.api.routing import Route
from officeflow.api.signing_in import Asks
from officeflow.rights.permissions import Permission
from officeflow.runs import changes

router = APIRouter(tags=["changes"], route_class=Route)

EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events."}
}


@router.get("/organizations/{org}/changes", response_class=Response, responses=EVENTS)
async def follow_changes(
    request: Request,
    caller: Annotated[Caller, Needs(Permission.RUN_READ)],
    topic: Annotated[
        list[Topic] | None, Query(description="Without it, runs, and requests where you may see such.")
    ] = None,
    last_event_id: Annotated[str, Header(max_length=4000, description="Where to go on.")] = "",
) -> Response:
    """What changes in the organization, as it happens: `ready` first, with the position from which on
    nothing is missed; then `run` and `request`, each as it is by then. `reload`: the position is not known
    any more, lists are to be read anew. `end`: you may not follow any more, or the database is away.
    """
    from officeflow.api.event_stream import EventStream

    org_id, hub = within.org_of(caller), caller.context.hub
    topics = _topics(caller, topic)
    position, is_known = await run_in_threadpool(_position, caller, last_event_id)
    follower = hub.follow(org_id, caller.actor)
    stream = Stream(caller.context, org_id, topics, Asks(request), follower, position, is_known)
    return EventStream(stream.events, ping=PING_SECONDS, leave=lambda: hub.leave(follower))


def _topics(caller: Caller, wanted: list[Topic] | None) -> frozenset[Topic]:
    org_id, principal = within.org_of(caller), caller.principal
    if wanted is None:
        return frozenset(each for each in Topic if principal.may(NEEDED[each], org_id))
    for each in wanted:
        principal.require(NEEDED[each], org_id)
    return frozenset(wanted)


def _position(caller: Caller, given: str) -> tuple[str, bool]:
    """Where to go on, and whether that is where the client was."""
    with caller.context.database.tenant(within.org_of(caller)) as session:
        if given and changes.check_position(session, given):
            return given, True
        return changes.now(session), not given
