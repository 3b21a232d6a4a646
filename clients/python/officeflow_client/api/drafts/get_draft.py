from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.whole_draft import WholeDraft
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    draft: UUID,

) -> dict[str, Any]:
    

    

    

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/drafts/{draft}".format(org=quote(str(org), safe=""),draft=quote(str(draft), safe=""),),
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | WholeDraft | None:
    if response.status_code == 200:
        response_200 = WholeDraft.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | WholeDraft]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    draft: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | WholeDraft]:
    """ Get Draft

     A draft as it was written last.

    Args:
        org (str):
        draft (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | WholeDraft]
     """


    kwargs = _get_kwargs(
        org=org,
draft=draft,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    draft: UUID,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | WholeDraft | None:
    """ Get Draft

     A draft as it was written last.

    Args:
        org (str):
        draft (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | WholeDraft
     """


    return sync_detailed(
        org=org,
draft=draft,
client=client,

    ).parsed

async def asyncio_detailed(
    org: str,
    draft: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | WholeDraft]:
    """ Get Draft

     A draft as it was written last.

    Args:
        org (str):
        draft (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | WholeDraft]
     """


    kwargs = _get_kwargs(
        org=org,
draft=draft,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    draft: UUID,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | WholeDraft | None:
    """ Get Draft

     A draft as it was written last.

    Args:
        org (str):
        draft (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | WholeDraft
     """


    return (await asyncio_detailed(
        org=org,
draft=draft,
client=client,

    )).parsed
