from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.node_step import NodeStep
from ...models.problem_document import ProblemDocument
from ...types import UNSET, Unset
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    run_id: UUID,
    node: str,
    *,
    map_index: int | Unset = -1,

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    params["map_index"] = map_index


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/runs/{run_id}/nodes/{node}/skip".format(org=quote(str(org), safe=""),run_id=quote(str(run_id), safe=""),node=quote(str(node), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> NodeStep | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = NodeStep.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[NodeStep | ProblemDocument]:
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
    map_index: int | Unset = -1,

) -> Response[NodeStep | ProblemDocument]:
    """ Preview Skip

     What reads the node's output, and what that will see where the node is given up; nothing is changed.

    Args:
        org (str):
        run_id (UUID):
        node (str): Its id in the workflow.
        map_index (int | Unset):  Default: -1.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[NodeStep | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
run_id=run_id,
node=node,
map_index=map_index,

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
    map_index: int | Unset = -1,

) -> NodeStep | ProblemDocument | None:
    """ Preview Skip

     What reads the node's output, and what that will see where the node is given up; nothing is changed.

    Args:
        org (str):
        run_id (UUID):
        node (str): Its id in the workflow.
        map_index (int | Unset):  Default: -1.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        NodeStep | ProblemDocument
     """


    return sync_detailed(
        org=org,
run_id=run_id,
node=node,
client=client,
map_index=map_index,

    ).parsed

async def asyncio_detailed(
    org: str,
    run_id: UUID,
    node: str,
    *,
    client: AuthenticatedClient,
    map_index: int | Unset = -1,

) -> Response[NodeStep | ProblemDocument]:
    """ Preview Skip

     What reads the node's output, and what that will see where the node is given up; nothing is changed.

    Args:
        org (str):
        run_id (UUID):
        node (str): Its id in the workflow.
        map_index (int | Unset):  Default: -1.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[NodeStep | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
run_id=run_id,
node=node,
map_index=map_index,

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
    map_index: int | Unset = -1,

) -> NodeStep | ProblemDocument | None:
    """ Preview Skip

     What reads the node's output, and what that will see where the node is given up; nothing is changed.

    Args:
        org (str):
        run_id (UUID):
        node (str): Its id in the workflow.
        map_index (int | Unset):  Default: -1.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        NodeStep | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
run_id=run_id,
node=node,
client=client,
map_index=map_index,

    )).parsed
