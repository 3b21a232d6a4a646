from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.listed_letter_shown import ListedLetterShown
from ...models.problem_document import ProblemDocument
from ...models.quarantine_status import QuarantineStatus
from ...models.refusal_reason import RefusalReason
from ...types import UNSET, Unset
from typing import cast
import datetime



def _get_kwargs(
    org: str,
    *,
    status: None | QuarantineStatus | Unset = UNSET,
    reason: None | RefusalReason | Unset = UNSET,
    topic: None | str | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    json_status: None | str | Unset
    if isinstance(status, Unset):
        json_status = UNSET
    elif isinstance(status, QuarantineStatus):
        json_status = status.value
    else:
        json_status = status
    params["status"] = json_status

    json_reason: None | str | Unset
    if isinstance(reason, Unset):
        json_reason = UNSET
    elif isinstance(reason, RefusalReason):
        json_reason = reason.value
    else:
        json_reason = reason
    params["reason"] = json_reason

    json_topic: None | str | Unset
    if isinstance(topic, Unset):
        json_topic = UNSET
    else:
        json_topic = topic
    params["topic"] = json_topic

    json_until: None | str | Unset
    if isinstance(until, Unset):
        json_until = UNSET
    elif isinstance(until, datetime.datetime):
        json_until = until.isoformat()
    else:
        json_until = until
    params["until"] = json_until

    params["limit"] = limit

    params["cursor"] = cursor


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/quarantine".format(org=quote(str(org), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ListedLetterShown | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = ListedLetterShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ListedLetterShown | ProblemDocument]:
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
    status: None | QuarantineStatus | Unset = UNSET,
    reason: None | RefusalReason | Unset = UNSET,
    topic: None | str | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> Response[ListedLetterShown | ProblemDocument]:
    """ List Quarantine

     Messages that could not be taken; the newest first.

    Args:
        org (str):
        status (None | QuarantineStatus | Unset):
        reason (None | RefusalReason | Unset):
        topic (None | str | Unset):
        until (datetime.datetime | None | Unset): Arrived before.
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedLetterShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
status=status,
reason=reason,
topic=topic,
until=until,
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
    status: None | QuarantineStatus | Unset = UNSET,
    reason: None | RefusalReason | Unset = UNSET,
    topic: None | str | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> ListedLetterShown | ProblemDocument | None:
    """ List Quarantine

     Messages that could not be taken; the newest first.

    Args:
        org (str):
        status (None | QuarantineStatus | Unset):
        reason (None | RefusalReason | Unset):
        topic (None | str | Unset):
        until (datetime.datetime | None | Unset): Arrived before.
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedLetterShown | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
status=status,
reason=reason,
topic=topic,
until=until,
limit=limit,
cursor=cursor,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    status: None | QuarantineStatus | Unset = UNSET,
    reason: None | RefusalReason | Unset = UNSET,
    topic: None | str | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> Response[ListedLetterShown | ProblemDocument]:
    """ List Quarantine

     Messages that could not be taken; the newest first.

    Args:
        org (str):
        status (None | QuarantineStatus | Unset):
        reason (None | RefusalReason | Unset):
        topic (None | str | Unset):
        until (datetime.datetime | None | Unset): Arrived before.
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedLetterShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
status=status,
reason=reason,
topic=topic,
until=until,
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
    status: None | QuarantineStatus | Unset = UNSET,
    reason: None | RefusalReason | Unset = UNSET,
    topic: None | str | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> ListedLetterShown | ProblemDocument | None:
    """ List Quarantine

     Messages that could not be taken; the newest first.

    Args:
        org (str):
        status (None | QuarantineStatus | Unset):
        reason (None | RefusalReason | Unset):
        topic (None | str | Unset):
        until (datetime.datetime | None | Unset): Arrived before.
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedLetterShown | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
status=status,
reason=reason,
topic=topic,
until=until,
limit=limit,
cursor=cursor,

    )).parsed
