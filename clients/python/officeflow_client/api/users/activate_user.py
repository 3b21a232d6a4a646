from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.user_decision import UserDecision
from ...models.user_shown import UserShown
from typing import cast



def _get_kwargs(
    org: str,
    user: str,
    *,
    body: UserDecision,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/users/{user}/activate".format(org=quote(str(org), safe=""),user=quote(str(user), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | UserShown | None:
    if response.status_code == 200:
        response_200 = UserShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | UserShown]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    user: str,
    *,
    client: AuthenticatedClient,
    body: UserDecision,

) -> Response[ProblemDocument | UserShown]:
    """ Activate User

     The user may again what their role allows.

    Args:
        org (str):
        user (str):
        body (UserDecision):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | UserShown]
     """


    kwargs = _get_kwargs(
        org=org,
user=user,
body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    user: str,
    *,
    client: AuthenticatedClient,
    body: UserDecision,

) -> ProblemDocument | UserShown | None:
    """ Activate User

     The user may again what their role allows.

    Args:
        org (str):
        user (str):
        body (UserDecision):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | UserShown
     """


    return sync_detailed(
        org=org,
user=user,
client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    org: str,
    user: str,
    *,
    client: AuthenticatedClient,
    body: UserDecision,

) -> Response[ProblemDocument | UserShown]:
    """ Activate User

     The user may again what their role allows.

    Args:
        org (str):
        user (str):
        body (UserDecision):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | UserShown]
     """


    kwargs = _get_kwargs(
        org=org,
user=user,
body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    user: str,
    *,
    client: AuthenticatedClient,
    body: UserDecision,

) -> ProblemDocument | UserShown | None:
    """ Activate User

     The user may again what their role allows.

    Args:
        org (str):
        user (str):
        body (UserDecision):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | UserShown
     """


    return (await asyncio_detailed(
        org=org,
user=user,
client=client,
body=body,

    )).parsed
