from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.published_shown import PublishedShown
from ...models.to_publish_draft import ToPublishDraft
from ...types import UNSET, Unset
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    draft: UUID,
    *,
    body: ToPublishDraft,
    force: bool | Unset = False,
    wait: bool | Unset = False,
    if_match: str,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match



    

    params: dict[str, Any] = {}

    params["force"] = force

    params["wait"] = wait


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/drafts/{draft}/publish".format(org=quote(str(org), safe=""),draft=quote(str(draft), safe=""),),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | PublishedShown | None:
    if response.status_code == 200:
        response_200 = PublishedShown.from_dict(response.json())



        return response_200

    if response.status_code == 202:
        response_202 = PublishedShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | PublishedShown]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    draft: UUID,
    *,
    client: AuthenticatedClient,
    body: ToPublishDraft,
    force: bool | Unset = False,
    wait: bool | Unset = False,
    if_match: str,

) -> Response[ProblemDocument | PublishedShown]:
    """ Publish Draft

     Publish what it says. 412 where it was written meanwhile, or its base is not the newest version any
    more.

    Args:
        org (str):
        draft (UUID):
        force (bool | Unset): Also where the workflow has a newer version than the draft was begun
            with. Default: False.
        wait (bool | Unset): Wait some seconds until Airflow runs it. Default: False.
        if_match (str):
        body (ToPublishDraft):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | PublishedShown]
     """


    kwargs = _get_kwargs(
        org=org,
draft=draft,
body=body,
force=force,
wait=wait,
if_match=if_match,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    draft: UUID,
    *,
    client: AuthenticatedClient,
    body: ToPublishDraft,
    force: bool | Unset = False,
    wait: bool | Unset = False,
    if_match: str,

) -> ProblemDocument | PublishedShown | None:
    """ Publish Draft

     Publish what it says. 412 where it was written meanwhile, or its base is not the newest version any
    more.

    Args:
        org (str):
        draft (UUID):
        force (bool | Unset): Also where the workflow has a newer version than the draft was begun
            with. Default: False.
        wait (bool | Unset): Wait some seconds until Airflow runs it. Default: False.
        if_match (str):
        body (ToPublishDraft):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | PublishedShown
     """


    return sync_detailed(
        org=org,
draft=draft,
client=client,
body=body,
force=force,
wait=wait,
if_match=if_match,

    ).parsed

async def asyncio_detailed(
    org: str,
    draft: UUID,
    *,
    client: AuthenticatedClient,
    body: ToPublishDraft,
    force: bool | Unset = False,
    wait: bool | Unset = False,
    if_match: str,

) -> Response[ProblemDocument | PublishedShown]:
    """ Publish Draft

     Publish what it says. 412 where it was written meanwhile, or its base is not the newest version any
    more.

    Args:
        org (str):
        draft (UUID):
        force (bool | Unset): Also where the workflow has a newer version than the draft was begun
            with. Default: False.
        wait (bool | Unset): Wait some seconds until Airflow runs it. Default: False.
        if_match (str):
        body (ToPublishDraft):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | PublishedShown]
     """


    kwargs = _get_kwargs(
        org=org,
draft=draft,
body=body,
force=force,
wait=wait,
if_match=if_match,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    draft: UUID,
    *,
    client: AuthenticatedClient,
    body: ToPublishDraft,
    force: bool | Unset = False,
    wait: bool | Unset = False,
    if_match: str,

) -> ProblemDocument | PublishedShown | None:
    """ Publish Draft

     Publish what it says. 412 where it was written meanwhile, or its base is not the newest version any
    more.

    Args:
        org (str):
        draft (UUID):
        force (bool | Unset): Also where the workflow has a newer version than the draft was begun
            with. Default: False.
        wait (bool | Unset): Wait some seconds until Airflow runs it. Default: False.
        if_match (str):
        body (ToPublishDraft):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | PublishedShown
     """


    return (await asyncio_detailed(
        org=org,
draft=draft,
client=client,
body=body,
force=force,
wait=wait,
if_match=if_match,

    )).parsed
