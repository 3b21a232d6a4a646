from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.topic import Topic
from ...types import UNSET, Unset
from typing import cast



def _get_kwargs(
    org: str,
    *,
    topic: list[Topic] | None | Unset = UNSET,
    last_event_id: str | Unset = '',

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["last-event-id"] = last_event_id



    

    params: dict[str, Any] = {}

    json_topic: list[str] | None | Unset
    if isinstance(topic, Unset):
        json_topic = UNSET
    elif isinstance(topic, list):
        json_topic = []
        for topic_type_0_item_data in topic:
            topic_type_0_item = topic_type_0_item_data.value
            json_topic.append(topic_type_0_item)


    else:
        json_topic = topic
    params["topic"] = json_topic


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/changes".format(org=quote(str(org), safe=""),),
        "params": params,
    }


    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | str | None:
    if response.status_code == 200:
        response_200 = response.text
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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | str]:
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
    topic: list[Topic] | None | Unset = UNSET,
    last_event_id: str | Unset = '',

) -> Response[ProblemDocument | str]:
    """ Follow Changes

     What changes in the organization, as it happens: `ready` first, with the position from which on
    nothing is missed; then `run` and `request`, each as it is by then. `reload`: the position is not
    known
    any more, lists are to be read anew. `end`: you may not follow any more, or the database is away.

    Args:
        org (str):
        topic (list[Topic] | None | Unset): Without it, runs, and requests where you may see such.
        last_event_id (str | Unset): Where to go on. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | str]
     """


    kwargs = _get_kwargs(
        org=org,
topic=topic,
last_event_id=last_event_id,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    topic: list[Topic] | None | Unset = UNSET,
    last_event_id: str | Unset = '',

) -> ProblemDocument | str | None:
    """ Follow Changes

     What changes in the organization, as it happens: `ready` first, with the position from which on
    nothing is missed; then `run` and `request`, each as it is by then. `reload`: the position is not
    known
    any more, lists are to be read anew. `end`: you may not follow any more, or the database is away.

    Args:
        org (str):
        topic (list[Topic] | None | Unset): Without it, runs, and requests where you may see such.
        last_event_id (str | Unset): Where to go on. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | str
     """


    return sync_detailed(
        org=org,
client=client,
topic=topic,
last_event_id=last_event_id,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    topic: list[Topic] | None | Unset = UNSET,
    last_event_id: str | Unset = '',

) -> Response[ProblemDocument | str]:
    """ Follow Changes

     What changes in the organization, as it happens: `ready` first, with the position from which on
    nothing is missed; then `run` and `request`, each as it is by then. `reload`: the position is not
    known
    any more, lists are to be read anew. `end`: you may not follow any more, or the database is away.

    Args:
        org (str):
        topic (list[Topic] | None | Unset): Without it, runs, and requests where you may see such.
        last_event_id (str | Unset): Where to go on. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | str]
     """


    kwargs = _get_kwargs(
        org=org,
topic=topic,
last_event_id=last_event_id,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    topic: list[Topic] | None | Unset = UNSET,
    last_event_id: str | Unset = '',

) -> ProblemDocument | str | None:
    """ Follow Changes

     What changes in the organization, as it happens: `ready` first, with the position from which on
    nothing is missed; then `run` and `request`, each as it is by then. `reload`: the position is not
    known
    any more, lists are to be read anew. `end`: you may not follow any more, or the database is away.

    Args:
        org (str):
        topic (list[Topic] | None | Unset): Without it, runs, and requests where you may see such.
        last_event_id (str | Unset): Where to go on. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | str
     """


    return (await asyncio_detailed(
        org=org,
client=client,
topic=topic,
last_event_id=last_event_id,

    )).parsed
