from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.service_account_shown import ServiceAccountShown
from typing import cast



def _get_kwargs(
    org: str,
    account: str,

) -> dict[str, Any]:
    

    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/service-accounts/{account}/deactivate".format(org=quote(str(org), safe=""),account=quote(str(account), safe=""),),
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | ServiceAccountShown | None:
    if response.status_code == 200:
        response_200 = ServiceAccountShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | ServiceAccountShown]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    account: str,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | ServiceAccountShown]:
    """ Deactivate Service Account

     None of its tokens opens anything any more, within five seconds everywhere.

    Args:
        org (str):
        account (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | ServiceAccountShown]
     """


    kwargs = _get_kwargs(
        org=org,
account=account,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    account: str,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | ServiceAccountShown | None:
    """ Deactivate Service Account

     None of its tokens opens anything any more, within five seconds everywhere.

    Args:
        org (str):
        account (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | ServiceAccountShown
     """


    return sync_detailed(
        org=org,
account=account,
client=client,

    ).parsed

async def asyncio_detailed(
    org: str,
    account: str,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | ServiceAccountShown]:
    """ Deactivate Service Account

     None of its tokens opens anything any more, within five seconds everywhere.

    Args:
        org (str):
        account (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | ServiceAccountShown]
     """


    kwargs = _get_kwargs(
        org=org,
account=account,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    account: str,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | ServiceAccountShown | None:
    """ Deactivate Service Account

     None of its tokens opens anything any more, within five seconds everywhere.

    Args:
        org (str):
        account (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | ServiceAccountShown
     """


    return (await asyncio_detailed(
        org=org,
account=account,
client=client,

    )).parsed
