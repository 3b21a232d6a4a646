from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.whole_letter import WholeLetter
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    letter: UUID,

) -> dict[str, Any]:
    

    

    

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/quarantine/{letter}".format(org=quote(str(org), safe=""),letter=quote(str(letter), safe=""),),
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | WholeLetter | None:
    if response.status_code == 200:
        response_200 = WholeLetter.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | WholeLetter]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    letter: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | WholeLetter]:
    """ Get Letter

     One message: why it could not be taken, and what became of it.

    Args:
        org (str):
        letter (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | WholeLetter]
     """


    kwargs = _get_kwargs(
        org=org,
letter=letter,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    letter: UUID,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | WholeLetter | None:
    """ Get Letter

     One message: why it could not be taken, and what became of it.

    Args:
        org (str):
        letter (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | WholeLetter
     """


    return sync_detailed(
        org=org,
letter=letter,
client=client,

    ).parsed

async def asyncio_detailed(
    org: str,
    letter: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | WholeLetter]:
    """ Get Letter

     One message: why it could not be taken, and what became of it.

    Args:
        org (str):
        letter (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | WholeLetter]
     """


    kwargs = _get_kwargs(
        org=org,
letter=letter,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    letter: UUID,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | WholeLetter | None:
    """ Get Letter

     One message: why it could not be taken, and what became of it.

    Args:
        org (str):
        letter (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | WholeLetter
     """


    return (await asyncio_detailed(
        org=org,
letter=letter,
client=client,

    )).parsed
