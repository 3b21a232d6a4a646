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
    letter: UUID,

) -> dict[str, Any]:
    

    

    

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/dead-letters/{letter}".format(letter=quote(str(letter), safe=""),),
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
    letter: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | WholeLetter]:
    """ Get Dead Letter

     One of them, without its body.

    Args:
        letter (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | WholeLetter]
     """


    kwargs = _get_kwargs(
        letter=letter,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    letter: UUID,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | WholeLetter | None:
    """ Get Dead Letter

     One of them, without its body.

    Args:
        letter (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | WholeLetter
     """


    return sync_detailed(
        letter=letter,
client=client,

    ).parsed

async def asyncio_detailed(
    letter: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | WholeLetter]:
    """ Get Dead Letter

     One of them, without its body.

    Args:
        letter (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | WholeLetter]
     """


    kwargs = _get_kwargs(
        letter=letter,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    letter: UUID,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | WholeLetter | None:
    """ Get Dead Letter

     One of them, without its body.

    Args:
        letter (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | WholeLetter
     """


    return (await asyncio_detailed(
        letter=letter,
client=client,

    )).parsed
