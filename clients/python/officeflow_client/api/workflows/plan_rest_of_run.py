from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.plan_shown import PlanShown
from ...models.problem_document import ProblemDocument
from ...models.to_plan_rest import ToPlanRest
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    run_id: UUID,
    *,
    body: ToPlanRest,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/runs/{run_id}/plan".format(org=quote(str(org), safe=""),run_id=quote(str(run_id), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> PlanShown | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = PlanShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[PlanShown | ProblemDocument]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    run_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ToPlanRest,

) -> Response[PlanShown | ProblemDocument]:
    """ Plan Rest Of Run

     What is still to come of a run, by the version that it runs, its event, and what its nodes have
    given
    so far. Nothing is done.

    Args:
        org (str):
        run_id (UUID):
        body (ToPlanRest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PlanShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
run_id=run_id,
body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    run_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ToPlanRest,

) -> PlanShown | ProblemDocument | None:
    """ Plan Rest Of Run

     What is still to come of a run, by the version that it runs, its event, and what its nodes have
    given
    so far. Nothing is done.

    Args:
        org (str):
        run_id (UUID):
        body (ToPlanRest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PlanShown | ProblemDocument
     """


    return sync_detailed(
        org=org,
run_id=run_id,
client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    org: str,
    run_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ToPlanRest,

) -> Response[PlanShown | ProblemDocument]:
    """ Plan Rest Of Run

     What is still to come of a run, by the version that it runs, its event, and what its nodes have
    given
    so far. Nothing is done.

    Args:
        org (str):
        run_id (UUID):
        body (ToPlanRest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PlanShown | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
run_id=run_id,
body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    run_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ToPlanRest,

) -> PlanShown | ProblemDocument | None:
    """ Plan Rest Of Run

     What is still to come of a run, by the version that it runs, its event, and what its nodes have
    given
    so far. Nothing is done.

    Args:
        org (str):
        run_id (UUID):
        body (ToPlanRest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PlanShown | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
run_id=run_id,
client=client,
body=body,

    )).parsed
