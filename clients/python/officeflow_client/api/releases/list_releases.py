from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.listed_release_shown import ListedReleaseShown
from ...models.problem_document import ProblemDocument
from ...models.release_kind import ReleaseKind
from ...models.release_state import ReleaseState
from ...types import UNSET, Unset
from typing import cast



def _get_kwargs(
    org: str,
    *,
    state: None | ReleaseState | Unset = UNSET,
    kind: None | ReleaseKind | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    json_state: None | str | Unset
    if isinstance(state, Unset):
        json_state = UNSET
    elif isinstance(state, ReleaseState):
        json_state = state.value
    else:
        json_state = state
    params["state"] = json_state

    json_kind: None | str | Unset
    if isinstance(kind, Unset):
        json_kind = UNSET
    elif isinstance(kind, ReleaseKind):
        json_kind = kind.value
    else:
        json_kind = kind
    params["kind"] = json_kind

    params["limit"] = limit

    params["cursor"] = cursor


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/releases".format(org=quote(str(org), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ListedReleaseShown | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = ListedReleaseShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ListedReleaseShown | ProblemDocument]:
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
    state: None | ReleaseState | Unset = UNSET,
    kind: None | ReleaseKind | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> Response[ListedReleaseShown | ProblemDocument]:
    """ List Releases

     What waits for a second person, and what became of it; the newest first.

    Args:
        org (str):
        state (None | ReleaseState | Unset):
        kind (None | ReleaseKind | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedReleaseShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
state=state,
kind=kind,
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
    state: None | ReleaseState | Unset = UNSET,
    kind: None | ReleaseKind | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> ListedReleaseShown | ProblemDocument | None:
    """ List Releases

     What waits for a second person, and what became of it; the newest first.

    Args:
        org (str):
        state (None | ReleaseState | Unset):
        kind (None | ReleaseKind | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedReleaseShown | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
state=state,
kind=kind,
limit=limit,
cursor=cursor,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    state: None | ReleaseState | Unset = UNSET,
    kind: None | ReleaseKind | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> Response[ListedReleaseShown | ProblemDocument]:
    """ List Releases

     What waits for a second person, and what became of it; the newest first.

    Args:
        org (str):
        state (None | ReleaseState | Unset):
        kind (None | ReleaseKind | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedReleaseShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
state=state,
kind=kind,
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
    state: None | ReleaseState | Unset = UNSET,
    kind: None | ReleaseKind | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> ListedReleaseShown | ProblemDocument | None:
    """ List Releases

     What waits for a second person, and what became of it; the newest first.

    Args:
        org (str):
        state (None | ReleaseState | Unset):
        kind (None | ReleaseKind | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedReleaseShown | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
state=state,
kind=kind,
limit=limit,
cursor=cursor,

    )).parsed
