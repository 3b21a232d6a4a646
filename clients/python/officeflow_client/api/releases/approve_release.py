from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.decided import Decided
from ...models.problem_document import ProblemDocument
from ...models.release_shown import ReleaseShown
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    release: UUID,
    *,
    body: Decided,
    if_match: str,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match



    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/releases/{release}/approve".format(org=quote(str(org), safe=""),release=quote(str(release), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | ReleaseShown | None:
    if response.status_code == 200:
        response_200 = ReleaseShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | ReleaseShown]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    release: UUID,
    *,
    client: AuthenticatedClient,
    body: Decided,
    if_match: str,

) -> Response[ProblemDocument | ReleaseShown]:
    """ Approve Release

     Carry it out, as the second person: 403 for whoever asked, and for programs. What is published is
    checked once more.

    Args:
        org (str):
        release (UUID):
        if_match (str):
        body (Decided):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | ReleaseShown]
     """


    kwargs = _get_kwargs(
        org=org,
release=release,
body=body,
if_match=if_match,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    release: UUID,
    *,
    client: AuthenticatedClient,
    body: Decided,
    if_match: str,

) -> ProblemDocument | ReleaseShown | None:
    """ Approve Release

     Carry it out, as the second person: 403 for whoever asked, and for programs. What is published is
    checked once more.

    Args:
        org (str):
        release (UUID):
        if_match (str):
        body (Decided):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | ReleaseShown
     """


    return sync_detailed(
        org=org,
release=release,
client=client,
body=body,
if_match=if_match,

    ).parsed

async def asyncio_detailed(
    org: str,
    release: UUID,
    *,
    client: AuthenticatedClient,
    body: Decided,
    if_match: str,

) -> Response[ProblemDocument | ReleaseShown]:
    """ Approve Release

     Carry it out, as the second person: 403 for whoever asked, and for programs. What is published is
    checked once more.

    Args:
        org (str):
        release (UUID):
        if_match (str):
        body (Decided):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | ReleaseShown]
     """


    kwargs = _get_kwargs(
        org=org,
release=release,
body=body,
if_match=if_match,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    release: UUID,
    *,
    client: AuthenticatedClient,
    body: Decided,
    if_match: str,

) -> ProblemDocument | ReleaseShown | None:
    """ Approve Release

     Carry it out, as the second person: 403 for whoever asked, and for programs. What is published is
    checked once more.

    Args:
        org (str):
        release (UUID):
        if_match (str):
        body (Decided):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | ReleaseShown
     """


    return (await asyncio_detailed(
        org=org,
release=release,
client=client,
body=body,
if_match=if_match,

    )).parsed
