from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.check_with import CheckWith
from ...models.connection_checked import ConnectionChecked
from ...models.problem_document import ProblemDocument
from typing import cast



def _get_kwargs(
    org: str,
    connection: str,
    *,
    body: CheckWith,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/connections/{connection}/check".format(org=quote(str(org), safe=""),connection=quote(str(connection), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ConnectionChecked | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = ConnectionChecked.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ConnectionChecked | ProblemDocument]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    connection: str,
    *,
    client: AuthenticatedClient,
    body: CheckWith,

) -> Response[ConnectionChecked | ProblemDocument]:
    """ Check Connection

     Look whether it leads to its system, and with its secrets whether that lets us in; nothing is kept.

    Args:
        org (str):
        connection (str):
        body (CheckWith):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ConnectionChecked | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
connection=connection,
body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    connection: str,
    *,
    client: AuthenticatedClient,
    body: CheckWith,

) -> ConnectionChecked | ProblemDocument | None:
    """ Check Connection

     Look whether it leads to its system, and with its secrets whether that lets us in; nothing is kept.

    Args:
        org (str):
        connection (str):
        body (CheckWith):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ConnectionChecked | ProblemDocument
     """


    return sync_detailed(
        org=org,
connection=connection,
client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    org: str,
    connection: str,
    *,
    client: AuthenticatedClient,
    body: CheckWith,

) -> Response[ConnectionChecked | ProblemDocument]:
    """ Check Connection

     Look whether it leads to its system, and with its secrets whether that lets us in; nothing is kept.

    Args:
        org (str):
        connection (str):
        body (CheckWith):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ConnectionChecked | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
connection=connection,
body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    connection: str,
    *,
    client: AuthenticatedClient,
    body: CheckWith,

) -> ConnectionChecked | ProblemDocument | None:
    """ Check Connection

     Look whether it leads to its system, and with its secrets whether that lets us in; nothing is kept.

    Args:
        org (str):
        connection (str):
        body (CheckWith):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ConnectionChecked | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
connection=connection,
client=client,
body=body,

    )).parsed
