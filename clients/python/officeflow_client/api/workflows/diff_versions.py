from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.change_shown import ChangeShown
from ...models.problem_document import ProblemDocument
from ...types import UNSET, Unset
from typing import cast



def _get_kwargs(
    org: str,
    slug: str,
    *,
    before: int | None | Unset = UNSET,
    after: int | None | Unset = UNSET,

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    json_before: int | None | Unset
    if isinstance(before, Unset):
        json_before = UNSET
    else:
        json_before = before
    params["before"] = json_before

    json_after: int | None | Unset
    if isinstance(after, Unset):
        json_after = UNSET
    else:
        json_after = after
    params["after"] = json_after


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/workflows/{slug}/diff".format(org=quote(str(org), safe=""),slug=quote(str(slug), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | list[ChangeShown] | None:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for response_200_item_data in (_response_200):
            response_200_item = ChangeShown.from_dict(response_200_item_data)



            response_200.append(response_200_item)

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | list[ChangeShown]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    slug: str,
    *,
    client: AuthenticatedClient,
    before: int | None | Unset = UNSET,
    after: int | None | Unset = UNSET,

) -> Response[ProblemDocument | list[ChangeShown]]:
    """ Diff Versions

     What differs between two versions; by default the newest and the one before it.

    Args:
        org (str):
        slug (str):
        before (int | None | Unset):
        after (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | list[ChangeShown]]
     """


    kwargs = _get_kwargs(
        org=org,
slug=slug,
before=before,
after=after,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    slug: str,
    *,
    client: AuthenticatedClient,
    before: int | None | Unset = UNSET,
    after: int | None | Unset = UNSET,

) -> ProblemDocument | list[ChangeShown] | None:
    """ Diff Versions

     What differs between two versions; by default the newest and the one before it.

    Args:
        org (str):
        slug (str):
        before (int | None | Unset):
        after (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | list[ChangeShown]
     """


    return sync_detailed(
        org=org,
slug=slug,
client=client,
before=before,
after=after,

    ).parsed

async def asyncio_detailed(
    org: str,
    slug: str,
    *,
    client: AuthenticatedClient,
    before: int | None | Unset = UNSET,
    after: int | None | Unset = UNSET,

) -> Response[ProblemDocument | list[ChangeShown]]:
    """ Diff Versions

     What differs between two versions; by default the newest and the one before it.

    Args:
        org (str):
        slug (str):
        before (int | None | Unset):
        after (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | list[ChangeShown]]
     """


    kwargs = _get_kwargs(
        org=org,
slug=slug,
before=before,
after=after,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    slug: str,
    *,
    client: AuthenticatedClient,
    before: int | None | Unset = UNSET,
    after: int | None | Unset = UNSET,

) -> ProblemDocument | list[ChangeShown] | None:
    """ Diff Versions

     What differs between two versions; by default the newest and the one before it.

    Args:
        org (str):
        slug (str):
        before (int | None | Unset):
        after (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | list[ChangeShown]
     """


    return (await asyncio_detailed(
        org=org,
slug=slug,
client=client,
before=before,
after=after,

    )).parsed
