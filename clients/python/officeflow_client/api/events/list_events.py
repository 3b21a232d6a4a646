from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.event_status import EventStatus
from ...models.listed_event_shown import ListedEventShown
from ...models.problem_document import ProblemDocument
from ...types import UNSET, Unset
from typing import cast
import datetime



def _get_kwargs(
    org: str,
    *,
    status: EventStatus | None | Unset = UNSET,
    kind: None | str | Unset = UNSET,
    employee: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    problem: bool | Unset = False,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    json_status: None | str | Unset
    if isinstance(status, Unset):
        json_status = UNSET
    elif isinstance(status, EventStatus):
        json_status = status.value
    else:
        json_status = status
    params["status"] = json_status

    json_kind: None | str | Unset
    if isinstance(kind, Unset):
        json_kind = UNSET
    else:
        json_kind = kind
    params["kind"] = json_kind

    json_employee: None | str | Unset
    if isinstance(employee, Unset):
        json_employee = UNSET
    else:
        json_employee = employee
    params["employee"] = json_employee

    json_since: None | str | Unset
    if isinstance(since, Unset):
        json_since = UNSET
    elif isinstance(since, datetime.datetime):
        json_since = since.isoformat()
    else:
        json_since = since
    params["since"] = json_since

    json_until: None | str | Unset
    if isinstance(until, Unset):
        json_until = UNSET
    elif isinstance(until, datetime.datetime):
        json_until = until.isoformat()
    else:
        json_until = until
    params["until"] = json_until

    params["problem"] = problem

    params["limit"] = limit

    params["cursor"] = cursor


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/inbox".format(org=quote(str(org), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ListedEventShown | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = ListedEventShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ListedEventShown | ProblemDocument]:
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
    status: EventStatus | None | Unset = UNSET,
    kind: None | str | Unset = UNSET,
    employee: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    problem: bool | Unset = False,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> Response[ListedEventShown | ProblemDocument]:
    """ List Events

     What arrived; the newest first.

    Args:
        org (str):
        status (EventStatus | None | Unset):
        kind (None | str | Unset):
        employee (None | str | Unset):
        since (datetime.datetime | None | Unset): Received then or later.
        until (datetime.datetime | None | Unset): Received before.
        problem (bool | Unset): Those that wait or started less than they should. Default: False.
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedEventShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
status=status,
kind=kind,
employee=employee,
since=since,
until=until,
problem=problem,
limit=limit,
cursor=cursor,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    status: EventStatus | None | Unset = UNSET,
    kind: None | str | Unset = UNSET,
    employee: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    problem: bool | Unset = False,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> ListedEventShown | ProblemDocument | None:
    """ List Events

     What arrived; the newest first.

    Args:
        org (str):
        status (EventStatus | None | Unset):
        kind (None | str | Unset):
        employee (None | str | Unset):
        since (datetime.datetime | None | Unset): Received then or later.
        until (datetime.datetime | None | Unset): Received before.
        problem (bool | Unset): Those that wait or started less than they should. Default: False.
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedEventShown | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
status=status,
kind=kind,
employee=employee,
since=since,
until=until,
problem=problem,
limit=limit,
cursor=cursor,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    status: EventStatus | None | Unset = UNSET,
    kind: None | str | Unset = UNSET,
    employee: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    problem: bool | Unset = False,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> Response[ListedEventShown | ProblemDocument]:
    """ List Events

     What arrived; the newest first.

    Args:
        org (str):
        status (EventStatus | None | Unset):
        kind (None | str | Unset):
        employee (None | str | Unset):
        since (datetime.datetime | None | Unset): Received then or later.
        until (datetime.datetime | None | Unset): Received before.
        problem (bool | Unset): Those that wait or started less than they should. Default: False.
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedEventShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
status=status,
kind=kind,
employee=employee,
since=since,
until=until,
problem=problem,
limit=limit,
cursor=cursor,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    status: EventStatus | None | Unset = UNSET,
    kind: None | str | Unset = UNSET,
    employee: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    problem: bool | Unset = False,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> ListedEventShown | ProblemDocument | None:
    """ List Events

     What arrived; the newest first.

    Args:
        org (str):
        status (EventStatus | None | Unset):
        kind (None | str | Unset):
        employee (None | str | Unset):
        since (datetime.datetime | None | Unset): Received then or later.
        until (datetime.datetime | None | Unset): Received before.
        problem (bool | Unset): Those that wait or started less than they should. Default: False.
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedEventShown | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
status=status,
kind=kind,
employee=employee,
since=since,
until=until,
problem=problem,
limit=limit,
cursor=cursor,

    )).parsed
