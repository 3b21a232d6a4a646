"""From Airflow's answers to errors of ours, in one place.

Unavailable       no answer, a time-out, 429 or 5xx: the same call may work later NotKnown          404 in
Airflow's own words; a proxy's, or a server's that has no such route, is no answer to what was asked
InvalidInput      400, 422: Airflow will never accept this AirflowForbids    401, 403: the account's password
or role does not allow it AirflowConflict   409: it exists already; callers that expect this turn it into an
answer
"""

from __future__ import annotations

from typing import Any

import httpx

from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError, Problem, Unavailable

NO_ROUTE = "Not Found"


class AirflowForbids(OfficeFlowError):
    code = "airflow_forbids"


class AirflowConflict(OfficeFlowError):
    code = "airflow_conflict"


def _detail(response: httpx.Response) -> Any:
    """FastAPI's `detail`: a text, an object, or 422's list of problems."""
    try:
        body = response.json()
    except ValueError:
        return response.text[:200]
    return body.get("detail", body) if isinstance(body, dict) else body


def _is_airflows(response: httpx.Response) -> bool:
    """Airflow says what it has not found; a route that is not there gives no more than the status' own
    name.
    """
    try:
        body = response.json()
    except ValueError:
        return False
    return isinstance(body, dict) and body.get("detail", NO_ROUTE) != NO_ROUTE


def _problems(detail: Any) -> list[Problem]:
    if not isinstance(detail, list):
        return []
    return [
        Problem(".".join(map(str, e.get("loc", ()))), str(e.get("msg", e)))
        for e in detail
        if isinstance(e, dict)
    ]


def from_response(response: httpx.Response) -> OfficeFlowError:
    """The error that an answer with status 400 or above stands for."""
    request, status = response.request, response.status_code
    call = f"{request.method} {request.url.path}"
    detail = _detail(response)
    if status == 404 and not _is_airflows(response):
        return Unavailable(
            f"{call} is answered with 404 by something that is not Airflow's API",
            hint="is OFFICEFLOW_AIRFLOW_URL right?",
        )
    if status == 404:
        return NotKnown(f"Airflow does not know this: {detail}")
    if status in {400, 422}:
        problems = _problems(detail)
        return InvalidInput(
            f"Airflow refuses {call}" + ("" if problems else f": {detail}"), problems=problems
        )
    if status in {401, 403}:
        return AirflowForbids(
            f"Airflow answers {status} to {call}", hint="check the account's password and role"
        )
    if status == 409:
        return AirflowConflict(f"{call}: {detail}")
    return Unavailable(f"Airflow answers {status} to {call}: {detail}")


def from_transport(error: httpx.HTTPError) -> Unavailable:
    """The error that a call without an answer stands for."""
    url = error.request.url
    return Unavailable(
        f"no answer from Airflow at {url.scheme}://{url.netloc.decode()}: "
        f"{type(error).__name__} {error}".rstrip()
    )
