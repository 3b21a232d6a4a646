from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.new_token import NewToken
from ...models.problem_document import ProblemDocument
from ...models.token_created import TokenCreated
from typing import cast



def _get_kwargs(
    org: str,
    account: str,
    *,
    body: NewToken,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/service-accounts/{account}/tokens".format(org=quote(str(org), safe=""),account=quote(str(account), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | TokenCreated | None:
    if response.status_code == 201:
        response_201 = TokenCreated.from_dict(response.json())



        return response_201

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | TokenCreated]:
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
    body: NewToken,

) -> Response[ProblemDocument | TokenCreated]:
    """ Create Token

     A token of the account, which may allow no more than one's own role does.

    Args:
        org (str):
        account (str):
        body (NewToken):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | TokenCreated]
     """


    kwargs = _get_kwargs(
        org=org,
account=account,
body=body,

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
    body: NewToken,

) -> ProblemDocument | TokenCreated | None:
    """ Create Token

     A token of the account, which may allow no more than one's own role does.

    Args:
        org (str):
        account (str):
        body (NewToken):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | TokenCreated
     """


    return sync_detailed(
        org=org,
account=account,
client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    org: str,
    account: str,
    *,
    client: AuthenticatedClient,
    body: NewToken,

) -> Response[ProblemDocument | TokenCreated]:
    """ Create Token

     A token of the account, which may allow no more than one's own role does.

    Args:
        org (str):
        account (str):
        body (NewToken):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | TokenCreated]
     """


    kwargs = _get_kwargs(
        org=org,
account=account,
body=body,

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
    body: NewToken,

) -> ProblemDocument | TokenCreated | None:
    """ Create Token

     A token of the account, which may allow no more than one's own role does.

    Args:
        org (str):
        account (str):
        body (NewToken):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | TokenCreated
     """


    return (await asyncio_detailed(
        org=org,
account=account,
client=client,
body=body,

    )).parsed
