from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.reason import Reason
from ...models.redispatched import Redispatched
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    event: UUID,
    *,
    body: Reason,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/inbox/{event}/replay".format(org=quote(str(org), safe=""),event=quote(str(event), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | Redispatched | None:
    if response.status_code == 202:
        response_202 = Redispatched.from_dict(response.json())



        return response_202

    if 400 <= response.status_code <= 499:
        response_4xx = ProblemDocument.from_dict(response.json())



        return response_4xx

    if 500 <= response.status_code <= 599:
        response_5xx = ProblemDocument.from_dict(response.json())



        return response_5xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | Redispatched]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    event: UUID,
    *,
    client: AuthenticatedClient,
    body: Reason,

) -> Response[ProblemDocument | Redispatched]:
    """ Replay Event

     Match and dispatch an event once more. A run that exists already stays the only one for its event
    and
    workflow.

    Args:
        org (str):
        event (UUID):
        body (Reason):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | Redispatched]
     """


    kwargs = _get_kwargs(
        org=org,
event=event,
body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    event: UUID,
    *,
    client: AuthenticatedClient,
    body: Reason,

) -> ProblemDocument | Redispatched | None:
    """ Replay Event

     Match and dispatch an event once more. A run that exists already stays the only one for its event
    and
    workflow.

    Args:
        org (str):
        event (UUID):
        body (Reason):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | Redispatched
     """


    return sync_detailed(
        org=org,
event=event,
client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    org: str,
    event: UUID,
    *,
    client: AuthenticatedClient,
    body: Reason,

) -> Response[ProblemDocument | Redispatched]:
    """ Replay Event

     Match and dispatch an event once more. A run that exists already stays the only one for its event
    and
    workflow.

    Args:
        org (str):
        event (UUID):
        body (Reason):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | Redispatched]
     """


    kwargs = _get_kwargs(
        org=org,
event=event,
body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    event: UUID,
    *,
    client: AuthenticatedClient,
    body: Reason,

) -> ProblemDocument | Redispatched | None:
    """ Replay Event

     Match and dispatch an event once more. A run that exists already stays the only one for its event
    and
    workflow.

    Args:
        org (str):
        event (UUID):
        body (Reason):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | Redispatched
     """


    return (await asyncio_detailed(
        org=org,
event=event,
client=client,
body=body,

    )).parsed
