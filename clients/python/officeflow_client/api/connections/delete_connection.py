from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem_document import ProblemDocument
from ...types import UNSET, Unset
from typing import cast



def _get_kwargs(
    org: str,
    connection: str,
    *,
    force: bool | Unset = False,
    why: str | Unset = '',

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    params["force"] = force

    params["why"] = why


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/organizations/{org}/connections/{connection}".format(org=quote(str(org), safe=""),connection=quote(str(connection), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | ProblemDocument | None:
    if response.status_code == 204:
        response_204 = cast(Any, None)
        return response_204

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | ProblemDocument]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    connection: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
    why: str | Unset = '',

) -> Response[Any | ProblemDocument]:
    """ Delete Connection

     Take it away. 409 with the active workflows and their nodes, and the access rules, that use it,
    except
    with `force`.

    Args:
        org (str):
        connection (str):
        force (bool | Unset): Even where something uses it: nodes fail, access rules give nothing.
            Default: False.
        why (str | Unset): For the audit log; `force` needs it. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
connection=connection,
force=force,
why=why,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    connection: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
    why: str | Unset = '',

) -> Any | ProblemDocument | None:
    """ Delete Connection

     Take it away. 409 with the active workflows and their nodes, and the access rules, that use it,
    except
    with `force`.

    Args:
        org (str):
        connection (str):
        force (bool | Unset): Even where something uses it: nodes fail, access rules give nothing.
            Default: False.
        why (str | Unset): For the audit log; `force` needs it. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ProblemDocument
     """


    return sync_detailed(
        org=org,
connection=connection,
client=client,
force=force,
why=why,

    ).parsed

async def asyncio_detailed(
    org: str,
    connection: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
    why: str | Unset = '',

) -> Response[Any | ProblemDocument]:
    """ Delete Connection

     Take it away. 409 with the active workflows and their nodes, and the access rules, that use it,
    except
    with `force`.

    Args:
        org (str):
        connection (str):
        force (bool | Unset): Even where something uses it: nodes fail, access rules give nothing.
            Default: False.
        why (str | Unset): For the audit log; `force` needs it. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
connection=connection,
force=force,
why=why,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    connection: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
    why: str | Unset = '',

) -> Any | ProblemDocument | None:
    """ Delete Connection

     Take it away. 409 with the active workflows and their nodes, and the access rules, that use it,
    except
    with `force`.

    Args:
        org (str):
        connection (str):
        force (bool | Unset): Even where something uses it: nodes fail, access rules give nothing.
            Default: False.
        why (str | Unset): For the audit log; `force` needs it. Default: ''.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
connection=connection,
client=client,
force=force,
why=why,

    )).parsed
