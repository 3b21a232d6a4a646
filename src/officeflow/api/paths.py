"""Where the API is, under Airflow's address or its own."""

from __future__ import annotations

from importlib.metadata import version
from urllib.parse import quote, urlencode

PATH = "/officeflow/api/v1"
VERSION = version("officeflow")


def located(org: str, *parts: object, **asked: str) -> str:
    """The address of something of an organization, as a header takes it: in ASCII, whatever its names have
    in them. `asked` are the parameters of its query.
    """
    path = "/".join(quote(str(each), safe="") for each in (org, *parts))
    query = f"?{urlencode(asked, quote_via=quote)}" if asked else ""
    return f"{PATH}/organizations/{path}{query}"
