from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.whole_version import WholeVersion
from typing import cast



def _get_kwargs(
    org: str,
    slug: str,
    version: int,

) -> dict[str, Any]:
    

    

    

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/workflows/{slug}/versions/{version}".format(org=quote(str(org), safe=""),slug=quote(str(slug), safe=""),version=quote(str(version), safe=""),),
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | WholeVersion | None:
    if response.status_code == 200:
        response_200 = WholeVersion.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | WholeVersion]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    slug: str,
    version: int,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | WholeVersion]:
    """ Get Version

     One version, which never changes.

    Args:
        org (str):
        slug (str):
        version (int):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | WholeVersion]
     """


    kwargs = _get_kwargs(
        org=org,
slug=slug,
version=version,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    slug: str,
    version: int,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | WholeVersion | None:
    """ Get Version

     One version, which never changes.

    Args:
        org (str):
        slug (str):
        version (int):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | WholeVersion
     """


    return sync_detailed(
        org=org,
slug=slug,
version=version,
client=client,

    ).parsed

async def asyncio_detailed(
    org: str,
    slug: str,
    version: int,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | WholeVersion]:
    """ Get Version

     One version, which never changes.

    Args:
        org (str):
        slug (str):
        version (int):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | WholeVersion]
     """


    kwargs = _get_kwargs(
        org=org,
slug=slug,
version=version,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    slug: str,
    version: int,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | WholeVersion | None:
    """ Get Version

     One version, which never changes.

    Args:
        org (str):
        slug (str):
        version (int):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | WholeVersion
     """


    return (await asyncio_detailed(
        org=org,
slug=slug,
version=version,
client=client,

    )).parsed
