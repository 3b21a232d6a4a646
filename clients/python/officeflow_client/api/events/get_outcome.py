from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.dispatched import Dispatched
from ...models.problem_document import ProblemDocument
from typing import cast



def _get_kwargs(
    org: str,
    *,
    event_id: str,
    source: str,

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    params["event_id"] = event_id

    params["source"] = source


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/inbox/outcome".format(org=quote(str(org), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Dispatched | None | ProblemDocument | None:
    if response.status_code == 200:
        def _parse_response_200(data: object) -> Dispatched | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = Dispatched.from_dict(data)



                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Dispatched | None, data)

        response_200 = _parse_response_200(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Dispatched | None | ProblemDocument]:
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
    event_id: str,
    source: str,

) -> Response[Dispatched | None | ProblemDocument]:
    """ Get Outcome

     What came of an event, by the id that its source gave it; null where it has not arrived.

    Args:
        org (str):
        event_id (str):
        source (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Dispatched | None | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
event_id=event_id,
source=source,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    event_id: str,
    source: str,

) -> Dispatched | None | ProblemDocument | None:
    """ Get Outcome

     What came of an event, by the id that its source gave it; null where it has not arrived.

    Args:
        org (str):
        event_id (str):
        source (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Dispatched | None | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
event_id=event_id,
source=source,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    event_id: str,
    source: str,

) -> Response[Dispatched | None | ProblemDocument]:
    """ Get Outcome

     What came of an event, by the id that its source gave it; null where it has not arrived.

    Args:
        org (str):
        event_id (str):
        source (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Dispatched | None | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
event_id=event_id,
source=source,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    event_id: str,
    source: str,

) -> Dispatched | None | ProblemDocument | None:
    """ Get Outcome

     What came of an event, by the id that its source gave it; null where it has not arrived.

    Args:
        org (str):
        event_id (str):
        source (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Dispatched | None | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
event_id=event_id,
source=source,

    )).parsed
