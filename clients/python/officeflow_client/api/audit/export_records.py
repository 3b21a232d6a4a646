from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.format_ import Format
from ...models.problem_document import ProblemDocument
from ...types import UNSET, Unset
from typing import cast
import datetime



def _get_kwargs(
    org: str,
    *,
    actor: str | Unset = '',
    action: str | Unset = '',
    subject: str | Unset = '',
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    format_: Format | Unset = UNSET,

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    params["actor"] = actor

    params["action"] = action

    params["subject"] = subject

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

    json_format_: str | Unset = UNSET
    if not isinstance(format_, Unset):
        json_format_ = format_.value

    params["format"] = json_format_


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/audit/export".format(org=quote(str(org), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = cast(Any, None)
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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | ProblemDocument]:
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
    actor: str | Unset = '',
    action: str | Unset = '',
    subject: str | Unset = '',
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    format_: Format | Unset = UNSET,

) -> Response[Any | ProblemDocument]:
    """ Export Records

     All records that are sought, the oldest first, as a stream. That it was exported is recorded.

    Args:
        org (str):
        actor (str | Unset): Exactly: `airflow:ana`, `token:acme/hr`. Default: ''.
        action (str | Unset): Such as `act.done`; earlier names find it too. Default: ''.
        subject (str | Unset): Exactly: `employee:E-1`, `run:<UUID>`. Default: ''.
        since (datetime.datetime | None | Unset):
        until (datetime.datetime | None | Unset):
        format_ (Format | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
actor=actor,
action=action,
subject=subject,
since=since,
until=until,
format_=format_,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    actor: str | Unset = '',
    action: str | Unset = '',
    subject: str | Unset = '',
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    format_: Format | Unset = UNSET,

) -> Any | ProblemDocument | None:
    """ Export Records

     All records that are sought, the oldest first, as a stream. That it was exported is recorded.

    Args:
        org (str):
        actor (str | Unset): Exactly: `airflow:ana`, `token:acme/hr`. Default: ''.
        action (str | Unset): Such as `act.done`; earlier names find it too. Default: ''.
        subject (str | Unset): Exactly: `employee:E-1`, `run:<UUID>`. Default: ''.
        since (datetime.datetime | None | Unset):
        until (datetime.datetime | None | Unset):
        format_ (Format | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
actor=actor,
action=action,
subject=subject,
since=since,
until=until,
format_=format_,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    actor: str | Unset = '',
    action: str | Unset = '',
    subject: str | Unset = '',
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    format_: Format | Unset = UNSET,

) -> Response[Any | ProblemDocument]:
    """ Export Records

     All records that are sought, the oldest first, as a stream. That it was exported is recorded.

    Args:
        org (str):
        actor (str | Unset): Exactly: `airflow:ana`, `token:acme/hr`. Default: ''.
        action (str | Unset): Such as `act.done`; earlier names find it too. Default: ''.
        subject (str | Unset): Exactly: `employee:E-1`, `run:<UUID>`. Default: ''.
        since (datetime.datetime | None | Unset):
        until (datetime.datetime | None | Unset):
        format_ (Format | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
actor=actor,
action=action,
subject=subject,
since=since,
until=until,
format_=format_,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    actor: str | Unset = '',
    action: str | Unset = '',
    subject: str | Unset = '',
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    format_: Format | Unset = UNSET,

) -> Any | ProblemDocument | None:
    """ Export Records

     All records that are sought, the oldest first, as a stream. That it was exported is recorded.

    Args:
        org (str):
        actor (str | Unset): Exactly: `airflow:ana`, `token:acme/hr`. Default: ''.
        action (str | Unset): Such as `act.done`; earlier names find it too. Default: ''.
        subject (str | Unset): Exactly: `employee:E-1`, `run:<UUID>`. Default: ''.
        since (datetime.datetime | None | Unset):
        until (datetime.datetime | None | Unset):
        format_ (Format | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
actor=actor,
action=action,
subject=subject,
since=since,
until=until,
format_=format_,

    )).parsed
