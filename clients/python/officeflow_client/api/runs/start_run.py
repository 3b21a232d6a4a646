from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.start import Start
from ...models.started import Started
from ...types import UNSET, Unset
from typing import cast



def _get_kwargs(
    org: str,
    *,
    body: Start,
    dry_run: bool | Unset = False,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    params: dict[str, Any] = {}

    params["dry_run"] = dry_run


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/runs".format(org=quote(str(org), safe=""),),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | Started | None:
    if response.status_code == 200:
        response_200 = Started.from_dict(response.json())



        return response_200

    if response.status_code == 201:
        response_201 = Started.from_dict(response.json())



        return response_201

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | Started]:
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
    body: Start,
    dry_run: bool | Unset = False,

) -> Response[ProblemDocument | Started]:
    """ Start Run

     Start a run of a workflow by hand, checked as one that Airflow's form starts.

    Args:
        org (str):
        dry_run (bool | Unset): Only check it; nothing is started. Default: False.
        body (Start): A run by hand. The fields are those of a lifecycle event's form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | Started]
     """


    kwargs = _get_kwargs(
        org=org,
body=body,
dry_run=dry_run,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    body: Start,
    dry_run: bool | Unset = False,

) -> ProblemDocument | Started | None:
    """ Start Run

     Start a run of a workflow by hand, checked as one that Airflow's form starts.

    Args:
        org (str):
        dry_run (bool | Unset): Only check it; nothing is started. Default: False.
        body (Start): A run by hand. The fields are those of a lifecycle event's form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | Started
     """


    return sync_detailed(
        org=org,
client=client,
body=body,
dry_run=dry_run,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    body: Start,
    dry_run: bool | Unset = False,

) -> Response[ProblemDocument | Started]:
    """ Start Run

     Start a run of a workflow by hand, checked as one that Airflow's form starts.

    Args:
        org (str):
        dry_run (bool | Unset): Only check it; nothing is started. Default: False.
        body (Start): A run by hand. The fields are those of a lifecycle event's form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | Started]
     """


    kwargs = _get_kwargs(
        org=org,
body=body,
dry_run=dry_run,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    body: Start,
    dry_run: bool | Unset = False,

) -> ProblemDocument | Started | None:
    """ Start Run

     Start a run of a workflow by hand, checked as one that Airflow's form starts.

    Args:
        org (str):
        dry_run (bool | Unset): Only check it; nothing is started. Default: False.
        body (Start): A run by hand. The fields are those of a lifecycle event's form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | Started
     """


    return (await asyncio_detailed(
        org=org,
client=client,
body=body,
dry_run=dry_run,

    )).parsed
