from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.changed_fields import ChangedFields
from ...models.connection_added import ConnectionAdded
from ...models.problem_document import ProblemDocument
from typing import cast



def _get_kwargs(
    org: str,
    connection: str,
    *,
    body: ChangedFields,
    if_match: str,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match



    

    

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/organizations/{org}/connections/{connection}".format(org=quote(str(org), safe=""),connection=quote(str(connection), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ConnectionAdded | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = ConnectionAdded.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ConnectionAdded | ProblemDocument]:
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
    body: ChangedFields,
    if_match: str,

) -> Response[ConnectionAdded | ProblemDocument]:
    """ Change Connection

     Change its fields, once the system has answered there; whatever uses it next has them.

    Args:
        org (str):
        connection (str):
        if_match (str):
        body (ChangedFields):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ConnectionAdded | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
connection=connection,
body=body,
if_match=if_match,

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
    body: ChangedFields,
    if_match: str,

) -> ConnectionAdded | ProblemDocument | None:
    """ Change Connection

     Change its fields, once the system has answered there; whatever uses it next has them.

    Args:
        org (str):
        connection (str):
        if_match (str):
        body (ChangedFields):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ConnectionAdded | ProblemDocument
     """


    return sync_detailed(
        org=org,
connection=connection,
client=client,
body=body,
if_match=if_match,

    ).parsed

async def asyncio_detailed(
    org: str,
    connection: str,
    *,
    client: AuthenticatedClient,
    body: ChangedFields,
    if_match: str,

) -> Response[ConnectionAdded | ProblemDocument]:
    """ Change Connection

     Change its fields, once the system has answered there; whatever uses it next has them.

    Args:
        org (str):
        connection (str):
        if_match (str):
        body (ChangedFields):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ConnectionAdded | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
connection=connection,
body=body,
if_match=if_match,

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
    body: ChangedFields,
    if_match: str,

) -> ConnectionAdded | ProblemDocument | None:
    """ Change Connection

     Change its fields, once the system has answered there; whatever uses it next has them.

    Args:
        org (str):
        connection (str):
        if_match (str):
        body (ChangedFields):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ConnectionAdded | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
connection=connection,
client=client,
body=body,
if_match=if_match,

    )).parsed
