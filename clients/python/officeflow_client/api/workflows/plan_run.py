from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.plan_shown import PlanShown
from ...models.problem_document import ProblemDocument
from ...models.to_plan import ToPlan
from typing import cast



def _get_kwargs(
    org: str,
    *,
    body: ToPlan,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/organizations/{org}/workflows/plan".format(org=quote(str(org), safe=""),),
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
    *,
    client: AuthenticatedClient,
    body: ToPlan,

) -> Response[PlanShown | ProblemDocument]:
    """ Plan Run

     What a run would do for an event or a person: which nodes run, and with which parameters. Nothing is
    done, and nothing kept.

    Who may not read employees plans as if nothing were known of the event's person before it. With
    `look` the
    organization's systems are asked what is there now, which takes some seconds; that is for those who
    may
    read employees, and for a `definition` for those who may publish one.

    Args:
        org (str):
        body (ToPlan): Of a published workflow (`slug`, by default its newest version) or of a
            `definition`; for an `event`,
            as it would be sent, or for an `employee`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PlanShown | ProblemDocument]
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
    body: ToPlan,

) -> PlanShown | ProblemDocument | None:
    """ Plan Run

     What a run would do for an event or a person: which nodes run, and with which parameters. Nothing is
    done, and nothing kept.

    Who may not read employees plans as if nothing were known of the event's person before it. With
    `look` the
    organization's systems are asked what is there now, which takes some seconds; that is for those who
    may
    read employees, and for a `definition` for those who may publish one.

    Args:
        org (str):
        body (ToPlan): Of a published workflow (`slug`, by default its newest version) or of a
            `definition`; for an `event`,
            as it would be sent, or for an `employee`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PlanShown | ProblemDocument
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
    body: ToPlan,

) -> Response[PlanShown | ProblemDocument]:
    """ Plan Run

     What a run would do for an event or a person: which nodes run, and with which parameters. Nothing is
    done, and nothing kept.

    Who may not read employees plans as if nothing were known of the event's person before it. With
    `look` the
    organization's systems are asked what is there now, which takes some seconds; that is for those who
    may
    read employees, and for a `definition` for those who may publish one.

    Args:
        org (str):
        body (ToPlan): Of a published workflow (`slug`, by default its newest version) or of a
            `definition`; for an `event`,
            as it would be sent, or for an `employee`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PlanShown | ProblemDocument]
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
    body: ToPlan,

) -> PlanShown | ProblemDocument | None:
    """ Plan Run

     What a run would do for an event or a person: which nodes run, and with which parameters. Nothing is
    done, and nothing kept.

    Who may not read employees plans as if nothing were known of the event's person before it. With
    `look` the
    organization's systems are asked what is there now, which takes some seconds; that is for those who
    may
    read employees, and for a `definition` for those who may publish one.

    Args:
        org (str):
        body (ToPlan): Of a published workflow (`slug`, by default its newest version) or of a
            `definition`; for an `event`,
            as it would be sent, or for an `employee`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PlanShown | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
body=body,

    )).parsed
