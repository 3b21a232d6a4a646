from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.message_decided import MessageDecided
from ...models.problem_document import ProblemDocument
from ...models.reason import Reason
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    message: UUID,
    *,
    body: Reason,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/outbox/{message}/retry".format(org=quote(str(org), safe=""),message=quote(str(message), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> MessageDecided | ProblemDocument | None:
    if response.status_code == 202:
        response_202 = MessageDecided.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[MessageDecided | ProblemDocument]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    message: UUID,
    *,
    client: AuthenticatedClient,
    body: Reason,

) -> Response[MessageDecided | ProblemDocument]:
    """ Retry Message

     Have a message sent after all that was set aside. Its id stays.

    Args:
        org (str):
        message (UUID):
        body (Reason):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MessageDecided | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
message=message,
body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    message: UUID,
    *,
    client: AuthenticatedClient,
    body: Reason,

) -> MessageDecided | ProblemDocument | None:
    """ Retry Message

     Have a message sent after all that was set aside. Its id stays.

    Args:
        org (str):
        message (UUID):
        body (Reason):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MessageDecided | ProblemDocument
     """


    return sync_detailed(
        org=org,
message=message,
client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    org: str,
    message: UUID,
    *,
    client: AuthenticatedClient,
    body: Reason,

) -> Response[MessageDecided | ProblemDocument]:
    """ Retry Message

     Have a message sent after all that was set aside. Its id stays.

    Args:
        org (str):
        message (UUID):
        body (Reason):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MessageDecided | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
message=message,
body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    message: UUID,
    *,
    client: AuthenticatedClient,
    body: Reason,

) -> MessageDecided | ProblemDocument | None:
    """ Retry Message

     Have a message sent after all that was set aside. Its id stays.

    Args:
        org (str):
        message (UUID):
        body (Reason):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MessageDecided | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
message=message,
client=client,
body=body,

    )).parsed
