from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.comparison_shown import ComparisonShown
from ...models.problem_document import ProblemDocument
from ...models.to_compare import ToCompare
from typing import cast



def _get_kwargs(
    org: str,
    *,
    body: ToCompare,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/drift".format(org=quote(str(org), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ComparisonShown | ProblemDocument | None:
    if response.status_code == 202:
        response_202 = ComparisonShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ComparisonShown | ProblemDocument]:
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
    body: ToCompare,

) -> Response[ComparisonShown | ProblemDocument]:
    """ Compare Accounts

     Have every account in the organization's systems compared with its people and its access rules. A
    task
    of Airflow's looks, for an hour at most, and changes nothing; what it finds is at `Location`, for
    four
    hours. An organization has one that has not ended: another one is refused with 409, `already_asked`.

    Args:
        org (str):
        body (ToCompare):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ComparisonShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    body: ToCompare,

) -> ComparisonShown | ProblemDocument | None:
    """ Compare Accounts

     Have every account in the organization's systems compared with its people and its access rules. A
    task
    of Airflow's looks, for an hour at most, and changes nothing; what it finds is at `Location`, for
    four
    hours. An organization has one that has not ended: another one is refused with 409, `already_asked`.

    Args:
        org (str):
        body (ToCompare):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ComparisonShown | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    body: ToCompare,

) -> Response[ComparisonShown | ProblemDocument]:
    """ Compare Accounts

     Have every account in the organization's systems compared with its people and its access rules. A
    task
    of Airflow's looks, for an hour at most, and changes nothing; what it finds is at `Location`, for
    four
    hours. An organization has one that has not ended: another one is refused with 409, `already_asked`.

    Args:
        org (str):
        body (ToCompare):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ComparisonShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    body: ToCompare,

) -> ComparisonShown | ProblemDocument | None:
    """ Compare Accounts

     Have every account in the organization's systems compared with its people and its access rules. A
    task
    of Airflow's looks, for an hour at most, and changes nothing; what it finds is at `Location`, for
    four
    hours. An organization has one that has not ended: another one is refused with 409, `already_asked`.

    Args:
        org (str):
        body (ToCompare):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ComparisonShown | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
body=body,

    )).parsed
