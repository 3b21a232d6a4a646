from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.published_shown import PublishedShown
from ...models.to_publish import ToPublish
from ...types import UNSET, Unset
from typing import cast



def _get_kwargs(
    org: str,
    *,
    body: ToPublish,
    wait: bool | Unset = False,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    params: dict[str, Any] = {}

    params["wait"] = wait


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/workflows".format(org=quote(str(org), safe=""),),
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
    *,
    client: AuthenticatedClient,
    body: ToPublish,
    wait: bool | Unset = False,

) -> Response[ProblemDocument | PublishedShown]:
    """ Publish Workflow

     Publish a definition as the next version of its workflow. The same again changes nothing; to a
    protected workflow nothing is published before another admin releases it.

    Args:
        org (str):
        wait (bool | Unset): Wait some seconds until Airflow runs it. Default: False.
        body (ToPublish):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | PublishedShown]
     """


    kwargs = _get_kwargs(
        org=org,
body=body,
wait=wait,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    body: ToPublish,
    wait: bool | Unset = False,

) -> ProblemDocument | PublishedShown | None:
    """ Publish Workflow

     Publish a definition as the next version of its workflow. The same again changes nothing; to a
    protected workflow nothing is published before another admin releases it.

    Args:
        org (str):
        wait (bool | Unset): Wait some seconds until Airflow runs it. Default: False.
        body (ToPublish):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | PublishedShown
     """


    return sync_detailed(
        org=org,
client=client,
body=body,
wait=wait,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    body: ToPublish,
    wait: bool | Unset = False,

) -> Response[ProblemDocument | PublishedShown]:
    """ Publish Workflow

     Publish a definition as the next version of its workflow. The same again changes nothing; to a
    protected workflow nothing is published before another admin releases it.

    Args:
        org (str):
        wait (bool | Unset): Wait some seconds until Airflow runs it. Default: False.
        body (ToPublish):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | PublishedShown]
     """


    kwargs = _get_kwargs(
        org=org,
body=body,
wait=wait,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    body: ToPublish,
    wait: bool | Unset = False,

) -> ProblemDocument | PublishedShown | None:
    """ Publish Workflow

     Publish a definition as the next version of its workflow. The same again changes nothing; to a
    protected workflow nothing is published before another admin releases it.

    Args:
        org (str):
        wait (bool | Unset): Wait some seconds until Airflow runs it. Default: False.
        body (ToPublish):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | PublishedShown
     """


    return (await asyncio_detailed(
        org=org,
client=client,
body=body,
wait=wait,

    )).parsed
