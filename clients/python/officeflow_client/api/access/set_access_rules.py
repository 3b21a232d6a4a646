from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.rules_settled import RulesSettled
from ...models.rules_to_set import RulesToSet
from typing import cast



def _get_kwargs(
    org: str,
    *,
    body: RulesToSet,
    if_match: str,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match



    

    

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/organizations/{org}/access-rules".format(org=quote(str(org), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | RulesSettled | None:
    if response.status_code == 200:
        response_200 = RulesSettled.from_dict(response.json())



        return response_200

    if response.status_code == 202:
        response_202 = RulesSettled.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | RulesSettled]:
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
    body: RulesToSet,
    if_match: str,

) -> Response[ProblemDocument | RulesSettled]:
    """ Set Access Rules

     Let these rules count from now on. What people have is left as it is: nodes and people apply rules.
    202
    where they are protected: another admin decides.

    Args:
        org (str):
        if_match (str):
        body (RulesToSet):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | RulesSettled]
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
    body: RulesToSet,
    if_match: str,

) -> ProblemDocument | RulesSettled | None:
    """ Set Access Rules

     Let these rules count from now on. What people have is left as it is: nodes and people apply rules.
    202
    where they are protected: another admin decides.

    Args:
        org (str):
        if_match (str):
        body (RulesToSet):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | RulesSettled
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
    body: RulesToSet,
    if_match: str,

) -> Response[ProblemDocument | RulesSettled]:
    """ Set Access Rules

     Let these rules count from now on. What people have is left as it is: nodes and people apply rules.
    202
    where they are protected: another admin decides.

    Args:
        org (str):
        if_match (str):
        body (RulesToSet):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | RulesSettled]
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
    body: RulesToSet,
    if_match: str,

) -> ProblemDocument | RulesSettled | None:
    """ Set Access Rules

     Let these rules count from now on. What people have is left as it is: nodes and people apply rules.
    202
    where they are protected: another admin decides.

    Args:
        org (str):
        if_match (str):
        body (RulesToSet):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | RulesSettled
     """


    return (await asyncio_detailed(
        org=org,
client=client,
body=body,
if_match=if_match,

    )).parsed
