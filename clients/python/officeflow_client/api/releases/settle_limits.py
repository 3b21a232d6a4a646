from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.limits import Limits
from ...models.limits_to_settle import LimitsToSettle
from ...models.problem_document import ProblemDocument
from typing import cast



def _get_kwargs(
    org: str,
    *,
    body: LimitsToSettle,
    if_match: str,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match



    

    

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/organizations/{org}/releases/limits".format(org=quote(str(org), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Limits | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = Limits.from_dict(response.json())



        return response_200

    if response.status_code == 202:
        response_202 = Limits.from_dict(response.json())



        return response_202

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Limits | ProblemDocument]:
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
    body: LimitsToSettle,
    if_match: str,

) -> Response[Limits | ProblemDocument]:
    """ Settle Limits

     Settle limits; what is not named stays, and null takes it away. 202 where that lets more pass than
    before: another admin decides.

    Args:
        org (str):
        if_match (str):
        body (LimitsToSettle):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Limits | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
body=body,
if_match=if_match,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    body: LimitsToSettle,
    if_match: str,

) -> Limits | ProblemDocument | None:
    """ Settle Limits

     Settle limits; what is not named stays, and null takes it away. 202 where that lets more pass than
    before: another admin decides.

    Args:
        org (str):
        if_match (str):
        body (LimitsToSettle):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Limits | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
body=body,
if_match=if_match,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    body: LimitsToSettle,
    if_match: str,

) -> Response[Limits | ProblemDocument]:
    """ Settle Limits

     Settle limits; what is not named stays, and null takes it away. 202 where that lets more pass than
    before: another admin decides.

    Args:
        org (str):
        if_match (str):
        body (LimitsToSettle):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Limits | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
body=body,
if_match=if_match,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    body: LimitsToSettle,
    if_match: str,

) -> Limits | ProblemDocument | None:
    """ Settle Limits

     Settle limits; what is not named stays, and null takes it away. 202 where that lets more pass than
    before: another admin decides.

    Args:
        org (str):
        if_match (str):
        body (LimitsToSettle):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Limits | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
body=body,
if_match=if_match,

    )).parsed
