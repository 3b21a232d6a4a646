from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.request_detail import RequestDetail
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    request_id: UUID,

) -> dict[str, Any]:
    

    

    

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/requests/{request_id}".format(org=quote(str(org), safe=""),request_id=quote(str(request_id), safe=""),),
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | RequestDetail | None:
    if response.status_code == 200:
        response_200 = RequestDetail.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | RequestDetail]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    request_id: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | RequestDetail]:
    """ Show Request

     What is asked, who may answer, what was answered.

    Args:
        org (str):
        request_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | RequestDetail]
     """


    kwargs = _get_kwargs(
        org=org,
request_id=request_id,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    request_id: UUID,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | RequestDetail | None:
    """ Show Request

     What is asked, who may answer, what was answered.

    Args:
        org (str):
        request_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | RequestDetail
     """


    return sync_detailed(
        org=org,
request_id=request_id,
client=client,

    ).parsed

async def asyncio_detailed(
    org: str,
    request_id: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | RequestDetail]:
    """ Show Request

     What is asked, who may answer, what was answered.

    Args:
        org (str):
        request_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | RequestDetail]
     """


    kwargs = _get_kwargs(
        org=org,
request_id=request_id,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    request_id: UUID,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | RequestDetail | None:
    """ Show Request

     What is asked, who may answer, what was answered.

    Args:
        org (str):
        request_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | RequestDetail
     """


    return (await asyncio_detailed(
        org=org,
request_id=request_id,
client=client,

    )).parsed
