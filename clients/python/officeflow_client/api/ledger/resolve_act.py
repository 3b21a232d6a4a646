from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.goes_on import GoesOn
from ...models.problem_document import ProblemDocument
from ...models.resolution import Resolution
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    run_id: UUID,
    node: str,
    *,
    body: Resolution,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/runs/{run_id}/nodes/{node}/resolve".format(org=quote(str(org), safe=""),run_id=quote(str(run_id), safe=""),node=quote(str(node), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> GoesOn | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = GoesOn.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[GoesOn | ProblemDocument]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    run_id: UUID,
    node: str,
    *,
    client: AuthenticatedClient,
    body: Resolution,

) -> Response[GoesOn | ProblemDocument]:
    """ Resolve Act

     Say whether a node was done, where nothing but a person can tell; its failed task then goes on.

    Args:
        org (str):
        run_id (UUID):
        node (str): Its id in the workflow.
        body (Resolution):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[GoesOn | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
run_id=run_id,
node=node,
body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    run_id: UUID,
    node: str,
    *,
    client: AuthenticatedClient,
    body: Resolution,

) -> GoesOn | ProblemDocument | None:
    """ Resolve Act

     Say whether a node was done, where nothing but a person can tell; its failed task then goes on.

    Args:
        org (str):
        run_id (UUID):
        node (str): Its id in the workflow.
        body (Resolution):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        GoesOn | ProblemDocument
     """


    return sync_detailed(
        org=org,
run_id=run_id,
node=node,
client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    org: str,
    run_id: UUID,
    node: str,
    *,
    client: AuthenticatedClient,
    body: Resolution,

) -> Response[GoesOn | ProblemDocument]:
    """ Resolve Act

     Say whether a node was done, where nothing but a person can tell; its failed task then goes on.

    Args:
        org (str):
        run_id (UUID):
        node (str): Its id in the workflow.
        body (Resolution):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[GoesOn | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
run_id=run_id,
node=node,
body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    run_id: UUID,
    node: str,
    *,
    client: AuthenticatedClient,
    body: Resolution,

) -> GoesOn | ProblemDocument | None:
    """ Resolve Act

     Say whether a node was done, where nothing but a person can tell; its failed task then goes on.

    Args:
        org (str):
        run_id (UUID):
        node (str): Its id in the workflow.
        body (Resolution):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        GoesOn | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
run_id=run_id,
node=node,
client=client,
body=body,

    )).parsed
