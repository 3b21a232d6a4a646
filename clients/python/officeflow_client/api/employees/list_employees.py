from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.employee_sort import EmployeeSort
from ...models.employee_status import EmployeeStatus
from ...models.listed_employee_listed import ListedEmployeeListed
from ...models.problem_document import ProblemDocument
from ...types import UNSET, Unset
from typing import cast



def _get_kwargs(
    org: str,
    *,
    sort: EmployeeSort | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',
    status: EmployeeStatus | None | Unset = UNSET,
    department: None | str | Unset = UNSET,
    manager: None | str | Unset = UNSET,

) -> dict[str, Any]:
    

    

    params: dict[str, Any] = {}

    json_sort: str | Unset = UNSET
    if not isinstance(sort, Unset):
        json_sort = sort.value

    params["sort"] = json_sort

    params["limit"] = limit

    params["cursor"] = cursor

    json_status: None | str | Unset
    if isinstance(status, Unset):
        json_status = UNSET
    elif isinstance(status, EmployeeStatus):
        json_status = status.value
    else:
        json_status = status
    params["status"] = json_status

    json_department: None | str | Unset
    if isinstance(department, Unset):
        json_department = UNSET
    else:
        json_department = department
    params["department"] = json_department

    json_manager: None | str | Unset
    if isinstance(manager, Unset):
        json_manager = UNSET
    else:
        json_manager = manager
    params["manager"] = json_manager


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/organizations/{org}/employees".format(org=quote(str(org), safe=""),),
        "params": params,
    }


    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ListedEmployeeListed | ProblemDocument | None:
    if response.status_code == 200:
        response_200 = ListedEmployeeListed.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ListedEmployeeListed | ProblemDocument]:
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
    sort: EmployeeSort | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',
    status: EmployeeStatus | None | Unset = UNSET,
    department: None | str | Unset = UNSET,
    manager: None | str | Unset = UNSET,

) -> Response[ListedEmployeeListed | ProblemDocument]:
    """ List Employees

     The organization's people, without what is sensitive.

    Args:
        org (str):
        sort (EmployeeSort | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.
        status (EmployeeStatus | None | Unset):
        department (None | str | Unset):
        manager (None | str | Unset): The manager's external id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedEmployeeListed | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
sort=sort,
limit=limit,
cursor=cursor,
status=status,
department=department,
manager=manager,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    org: str,
    *,
    client: AuthenticatedClient,
    sort: EmployeeSort | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',
    status: EmployeeStatus | None | Unset = UNSET,
    department: None | str | Unset = UNSET,
    manager: None | str | Unset = UNSET,

) -> ListedEmployeeListed | ProblemDocument | None:
    """ List Employees

     The organization's people, without what is sensitive.

    Args:
        org (str):
        sort (EmployeeSort | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.
        status (EmployeeStatus | None | Unset):
        department (None | str | Unset):
        manager (None | str | Unset): The manager's external id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedEmployeeListed | ProblemDocument
     """


    return sync_detailed(
        org=org,
client=client,
sort=sort,
limit=limit,
cursor=cursor,
status=status,
department=department,
manager=manager,

    ).parsed

async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient,
    sort: EmployeeSort | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',
    status: EmployeeStatus | None | Unset = UNSET,
    department: None | str | Unset = UNSET,
    manager: None | str | Unset = UNSET,

) -> Response[ListedEmployeeListed | ProblemDocument]:
    """ List Employees

     The organization's people, without what is sensitive.

    Args:
        org (str):
        sort (EmployeeSort | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.
        status (EmployeeStatus | None | Unset):
        department (None | str | Unset):
        manager (None | str | Unset): The manager's external id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListedEmployeeListed | ProblemDocument]
     """


    kwargs = _get_kwargs(
        org=org,
sort=sort,
limit=limit,
cursor=cursor,
status=status,
department=department,
manager=manager,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient,
    sort: EmployeeSort | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = '',
    status: EmployeeStatus | None | Unset = UNSET,
    department: None | str | Unset = UNSET,
    manager: None | str | Unset = UNSET,

) -> ListedEmployeeListed | ProblemDocument | None:
    """ List Employees

     The organization's people, without what is sensitive.

    Args:
        org (str):
        sort (EmployeeSort | Unset):
        limit (int | Unset): Items on a page, at most. Default: 50.
        cursor (str | Unset): The `next` of the page before; empty for the first. Default: ''.
        status (EmployeeStatus | None | Unset):
        department (None | str | Unset):
        manager (None | str | Unset): The manager's external id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListedEmployeeListed | ProblemDocument
     """


    return (await asyncio_detailed(
        org=org,
client=client,
sort=sort,
limit=limit,
cursor=cursor,
status=status,
department=department,
manager=manager,

    )).parsed
