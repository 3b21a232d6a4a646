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



def _get_kwargs(
    *,
    status: None | QuarantineStatus | Unset = UNSET,
    reason: None | RefusalReason | Unset = UNSET,
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

    params["limit"] = limit

    params["cursor"] = cursor


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/dead-letters",
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
    *,
    client: AuthenticatedClient,
    status: None | QuarantineStatus | Unset = UNSET,
    reason: None | RefusalReason | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> Response[ListedLetterShown | ProblemDocument]:
    """ List Dead Letters

     Messages of no organization that exists; the newest first.

    Args:
        status (None | QuarantineStatus | Unset):
        reason (None | RefusalReason | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedLetterShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        status=status,
reason=reason,
limit=limit,
cursor=cursor,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    *,
    client: AuthenticatedClient,
    status: None | QuarantineStatus | Unset = UNSET,
    reason: None | RefusalReason | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> ListedLetterShown | ProblemDocument | None:
    """ List Dead Letters

     Messages of no organization that exists; the newest first.

    Args:
        status (None | QuarantineStatus | Unset):
        reason (None | RefusalReason | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedLetterShown | ProblemDocument
     """


    return sync_detailed(
        client=client,
status=status,
reason=reason,
limit=limit,
cursor=cursor,

    ).parsed

async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    status: None | QuarantineStatus | Unset = UNSET,
    reason: None | RefusalReason | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> Response[ListedLetterShown | ProblemDocument]:
    """ List Dead Letters

     Messages of no organization that exists; the newest first.

    Args:
        status (None | QuarantineStatus | Unset):
        reason (None | RefusalReason | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedLetterShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        status=status,
reason=reason,
limit=limit,
cursor=cursor,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    *,
    client: AuthenticatedClient,
    status: None | QuarantineStatus | Unset = UNSET,
    reason: None | RefusalReason | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',

) -> ListedLetterShown | ProblemDocument | None:
    """ List Dead Letters

     Messages of no organization that exists; the newest first.

    Args:
        status (None | QuarantineStatus | Unset):
        reason (None | RefusalReason | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedLetterShown | ProblemDocument
     """


    return (await asyncio_detailed(
        client=client,
status=status,
reason=reason,
limit=limit,
cursor=cursor,

    )).parsed
