from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.act_filter import ActFilter
from ...models.listed_act import ListedAct
from ...models.problem_document import ProblemDocument
from ...types import UNSET, Unset
from typing import cast



def _get_kwargs(
    org: str,
    *,
    query: ActFilter,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    json_query = query.to_dict()
    params.update(json_query)


    params["limit"] = limit

    params["cursor"] = cursor


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/acts".format(org=quote(str(org), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ListedAct | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = ListedAct.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ListedAct | ProblemDocument]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    query: ActFilter,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> Response[ListedAct | ProblemDocument]:
    """ List Acts

     Acts across runs, the newest first. By type and node they are sifted, and by QUEUED, STARTED and
    SUCCEEDED: a page may have fewer items than `limit`, or none, and a `next` all the same.

    Args:
        org (str):
        query (ActFilter):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedAct | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
query=query,
limit=limit,
cursor=cursor,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    query: ActFilter,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> ListedAct | ProblemDocument | None:
    """ List Acts

     Acts across runs, the newest first. By type and node they are sifted, and by QUEUED, STARTED and
    SUCCEEDED: a page may have fewer items than `limit`, or none, and a `next` all the same.

    Args:
        org (str):
        query (ActFilter):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedAct | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
query=query,
limit=limit,
cursor=cursor,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    query: ActFilter,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> Response[ListedAct | ProblemDocument]:
    """ List Acts

     Acts across runs, the newest first. By type and node they are sifted, and by QUEUED, STARTED and
    SUCCEEDED: a page may have fewer items than `limit`, or none, and a `next` all the same.

    Args:
        org (str):
        query (ActFilter):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedAct | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
query=query,
limit=limit,
cursor=cursor,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    query: ActFilter,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> ListedAct | ProblemDocument | None:
    """ List Acts

     Acts across runs, the newest first. By type and node they are sifted, and by QUEUED, STARTED and
    SUCCEEDED: a page may have fewer items than `limit`, or none, and a `next` all the same.

    Args:
        org (str):
        query (ActFilter):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedAct | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
query=query,
limit=limit,
cursor=cursor,

    )).parsed
