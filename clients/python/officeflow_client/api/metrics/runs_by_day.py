from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.of_days_runs_of_day import OfDaysRunsOfDay
from ...models.problem_document import ProblemDocument
from ...types import UNSET, Unset
from typing import cast
import datetime



def _get_kwargs(
    org: str,
    *,
    first: datetime.date | None | Unset = UNSET,
    last: datetime.date | None | Unset = UNSET,

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    json_first: None | str | Unset
    if isinstance(first, Unset):
        json_first = UNSET
    elif isinstance(first, datetime.date):
        json_first = first.isoformat()
    else:
        json_first = first
    params["first"] = json_first

    json_last: None | str | Unset
    if isinstance(last, Unset):
        json_last = UNSET
    elif isinstance(last, datetime.date):
        json_last = last.isoformat()
    else:
        json_last = last
    params["last"] = json_last


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/metrics/runs".format(org=quote(str(org), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> OfDaysRunsOfDay | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = OfDaysRunsOfDay.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[OfDaysRunsOfDay | ProblemDocument]:
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
    first: datetime.date | None | Unset = UNSET,
    last: datetime.date | None | Unset = UNSET,

) -> Response[OfDaysRunsOfDay | ProblemDocument]:
    """ Runs By Day

     Runs by the day of their start and the status that they are in now.

    Args:
        org (str):
        first (datetime.date | None | Unset): The first day; null: 30 days before the last.
        last (datetime.date | None | Unset): The last day, included; null: today. At most 92 days.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OfDaysRunsOfDay | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
first=first,
last=last,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    first: datetime.date | None | Unset = UNSET,
    last: datetime.date | None | Unset = UNSET,

) -> OfDaysRunsOfDay | ProblemDocument | None:
    """ Runs By Day

     Runs by the day of their start and the status that they are in now.

    Args:
        org (str):
        first (datetime.date | None | Unset): The first day; null: 30 days before the last.
        last (datetime.date | None | Unset): The last day, included; null: today. At most 92 days.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OfDaysRunsOfDay | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
first=first,
last=last,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    first: datetime.date | None | Unset = UNSET,
    last: datetime.date | None | Unset = UNSET,

) -> Response[OfDaysRunsOfDay | ProblemDocument]:
    """ Runs By Day

     Runs by the day of their start and the status that they are in now.

    Args:
        org (str):
        first (datetime.date | None | Unset): The first day; null: 30 days before the last.
        last (datetime.date | None | Unset): The last day, included; null: today. At most 92 days.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OfDaysRunsOfDay | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
first=first,
last=last,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    first: datetime.date | None | Unset = UNSET,
    last: datetime.date | None | Unset = UNSET,

) -> OfDaysRunsOfDay | ProblemDocument | None:
    """ Runs By Day

     Runs by the day of their start and the status that they are in now.

    Args:
        org (str):
        first (datetime.date | None | Unset): The first day; null: 30 days before the last.
        last (datetime.date | None | Unset): The last day, included; null: today. At most 92 days.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OfDaysRunsOfDay | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
first=first,
last=last,

    )).parsed
