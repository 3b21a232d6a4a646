from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    comparison: UUID,

) -> dict[str, Any]:
    

    

    

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/organizations/{org}/drift/{comparison}".format(org=quote(str(org), safe=""),comparison=quote(str(comparison), safe=""),),
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | ProblemDocument | None:
    if response.status_code == 204:
        response_204 = cast(Any, None)
        return response_204

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | ProblemDocument]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    comparison: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[Any | ProblemDocument]:
    """ Withdraw Comparison

     Have a comparison that has not ended tell nothing, and its run in Airflow end, failed. Where Airflow
    does not answer, the run ends with its next step, a page of accounts.

    Args:
        org (str):
        comparison (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
comparison=comparison,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    comparison: UUID,
    *,
    client: AuthenticatedClient,

) -> Any | ProblemDocument | None:
    """ Withdraw Comparison

     Have a comparison that has not ended tell nothing, and its run in Airflow end, failed. Where Airflow
    does not answer, the run ends with its next step, a page of accounts.

    Args:
        org (str):
        comparison (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ProblemDocument
     """


    return sync_detailed(
        org=org,
comparison=comparison,
client=client,

    ).parsed

async def asyncio_detailed(
    org: str,
    comparison: UUID,
    *,
    client: AuthenticatedClient,

) -> Response[Any | ProblemDocument]:
    """ Withdraw Comparison

     Have a comparison that has not ended tell nothing, and its run in Airflow end, failed. Where Airflow
    does not answer, the run ends with its next step, a page of accounts.

    Args:
        org (str):
        comparison (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
comparison=comparison,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    comparison: UUID,
    *,
    client: AuthenticatedClient,

) -> Any | ProblemDocument | None:
    """ Withdraw Comparison

     Have a comparison that has not ended tell nothing, and its run in Airflow end, failed. Where Airflow
    does not answer, the run ends with its next step, a page of accounts.

    Args:
        org (str):
        comparison (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
comparison=comparison,
client=client,

    )).parsed
