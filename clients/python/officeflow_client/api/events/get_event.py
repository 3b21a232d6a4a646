from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.whole_event import WholeEvent
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    event: UUID,

) -> dict[str, Any]:
    

    

    

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/inbox/{event}".format(org=quote(str(org), safe=""),event=quote(str(event), safe=""),),
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | WholeEvent | None:
    if response.status_code == 200:
        response_200 = WholeEvent.from_dict(response.json())



        return response_200

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | WholeEvent]:
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

) -> Response[ProblemDocument | WholeEvent]:
    """ Get Event

     An event with its runs; of sensitive fields the names.

    Args:
        org (str):
        event (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | WholeEvent]
     """


    kwargs = _get_kwargs(
        org=org,
event=event,

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

) -> ProblemDocument | WholeEvent | None:
    """ Get Event

     An event with its runs; of sensitive fields the names.

    Args:
        org (str):
        event (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | WholeEvent
     """


    return sync_detailed(
        org=org,
event=event,
client=client,

    ).parsed

async def asyncio_detailed(
    org: str,
    event: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | WholeEvent]:
    """ Get Event

     An event with its runs; of sensitive fields the names.

    Args:
        org (str):
        event (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | WholeEvent]
     """


    kwargs = _get_kwargs(
        org=org,
event=event,

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

) -> ProblemDocument | WholeEvent | None:
    """ Get Event

     An event with its runs; of sensitive fields the names.

    Args:
        org (str):
        event (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | WholeEvent
     """


    return (await asyncio_detailed(
        org=org,
event=event,
client=client,

    )).parsed
