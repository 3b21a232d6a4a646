from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.steering_decision import SteeringDecision
from ...models.undo_plan import UndoPlan
from typing import cast
from uuid import UUID



def _get_kwargs(
    org: str,
    run_id: UUID,
    *,
    body: SteeringDecision,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/runs/{run_id}/compensation".format(org=quote(str(org), safe=""),run_id=quote(str(run_id), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | UndoPlan | None:
    if response.status_code == 202:
        response_202 = UndoPlan.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | UndoPlan]:
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
    body: SteeringDecision,

) -> Response[ProblemDocument | UndoPlan]:
    """ Compensate Run

     Take back what a run did that has ended, also where it succeeded: the last act first, each once. Its
    task `undo` does that from now on.

    Args:
        org (str):
        run_id (UUID):
        body (SteeringDecision):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | UndoPlan]
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
    body: SteeringDecision,

) -> ProblemDocument | UndoPlan | None:
    """ Compensate Run

     Take back what a run did that has ended, also where it succeeded: the last act first, each once. Its
    task `undo` does that from now on.

    Args:
        org (str):
        run_id (UUID):
        body (SteeringDecision):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | UndoPlan
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
    body: SteeringDecision,

) -> Response[ProblemDocument | UndoPlan]:
    """ Compensate Run

     Take back what a run did that has ended, also where it succeeded: the last act first, each once. Its
    task `undo` does that from now on.

    Args:
        org (str):
        run_id (UUID):
        body (SteeringDecision):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | UndoPlan]
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
    body: SteeringDecision,

) -> ProblemDocument | UndoPlan | None:
    """ Compensate Run

     Take back what a run did that has ended, also where it succeeded: the last act first, each once. Its
    task `undo` does that from now on.

    Args:
        org (str):
        run_id (UUID):
        body (SteeringDecision):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | UndoPlan
     """


    return (await asyncio_detailed(
        org=org,
run_id=run_id,
client=client,
body=body,

    )).parsed
