from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.delegation_shown import DelegationShown
from ...models.problem_document import ProblemDocument
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    delegation_id: UUID,

) -> dict[str, Any]:
    

    

    

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/delegations/{delegation_id}".format(org=quote(str(org), safe=""),delegation_id=quote(str(delegation_id), safe=""),),
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> DelegationShown | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = DelegationShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[DelegationShown | ProblemDocument]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    delegation_id: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[DelegationShown | ProblemDocument]:
    """ Show Delegation

     One that was not taken back.

    Args:
        org (str):
        delegation_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DelegationShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
delegation_id=delegation_id,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    delegation_id: UUID,
    *,
    client: AuthenticatedClient,

) -> DelegationShown | ProblemDocument | None:
    """ Show Delegation

     One that was not taken back.

    Args:
        org (str):
        delegation_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DelegationShown | ProblemDocument
     """


    return sync_detailed(
        org=org,
delegation_id=delegation_id,
client=client,

    ).parsed

async def asyncio_detailed(
    org: str,
    delegation_id: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[DelegationShown | ProblemDocument]:
    """ Show Delegation

     One that was not taken back.

    Args:
        org (str):
        delegation_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DelegationShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
delegation_id=delegation_id,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    delegation_id: UUID,
    *,
    client: AuthenticatedClient,

) -> DelegationShown | ProblemDocument | None:
    """ Show Delegation

     One that was not taken back.

    Args:
        org (str):
        delegation_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DelegationShown | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
delegation_id=delegation_id,
client=client,

    )).parsed
