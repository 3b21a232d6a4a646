from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.many_runs import ManyRuns
from ...models.many_steered import ManySteered
from ...models.problem_document import ProblemDocument
from typing import cast



def _get_kwargs(
    org: str,
    *,
    body: ManyRuns,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/runs/pause".format(org=quote(str(org), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ManySteered | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = ManySteered.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ManySteered | ProblemDocument]:
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
    body: ManyRuns,

) -> Response[ManySteered | ProblemDocument]:
    """ Pause Runs

     Pause many runs: nodes that act finish, none begins.

    Args:
        org (str):
        body (ManyRuns): Which runs: `run_ids`, or `filter` with `expected`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ManySteered | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    body: ManyRuns,

) -> ManySteered | ProblemDocument | None:
    """ Pause Runs

     Pause many runs: nodes that act finish, none begins.

    Args:
        org (str):
        body (ManyRuns): Which runs: `run_ids`, or `filter` with `expected`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ManySteered | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    body: ManyRuns,

) -> Response[ManySteered | ProblemDocument]:
    """ Pause Runs

     Pause many runs: nodes that act finish, none begins.

    Args:
        org (str):
        body (ManyRuns): Which runs: `run_ids`, or `filter` with `expected`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ManySteered | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    body: ManyRuns,

) -> ManySteered | ProblemDocument | None:
    """ Pause Runs

     Pause many runs: nodes that act finish, none begins.

    Args:
        org (str):
        body (ManyRuns): Which runs: `run_ids`, or `filter` with `expected`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ManySteered | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
body=body,

    )).parsed
