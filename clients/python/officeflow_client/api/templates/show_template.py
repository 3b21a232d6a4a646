from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...models.template_shown import TemplateShown
from typing import cast



def _get_kwargs(
    template: str,

) -> dict[str, Any]:
    

    

    

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/templates/{template}".format(template=quote(str(template), safe=""),),
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemDocument | TemplateShown | None:
    if response.status_code == 200:
        response_200 = TemplateShown.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemDocument | TemplateShown]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    template: str,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | TemplateShown]:
    """ Show Template

     One template, with its definition: change what is the organization's own, and publish it.

    Args:
        template (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | TemplateShown]
     """


    kwargs = _get_kwargs(
        template=template,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    template: str,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | TemplateShown | None:
    """ Show Template

     One template, with its definition: change what is the organization's own, and publish it.

    Args:
        template (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | TemplateShown
     """


    return sync_detailed(
        template=template,
client=client,

    ).parsed

async def asyncio_detailed(
    template: str,
    *,
    client: AuthenticatedClient,

) -> Response[ProblemDocument | TemplateShown]:
    """ Show Template

     One template, with its definition: change what is the organization's own, and publish it.

    Args:
        template (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemDocument | TemplateShown]
     """


    kwargs = _get_kwargs(
        template=template,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    template: str,
    *,
    client: AuthenticatedClient,

) -> ProblemDocument | TemplateShown | None:
    """ Show Template

     One template, with its definition: change what is the organization's own, and publish it.

    Args:
        template (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemDocument | TemplateShown
     """


    return (await asyncio_detailed(
        template=template,
client=client,

    )).parsed
