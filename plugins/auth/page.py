"""`docs/rights-airflow.md`: `PYTHONPATH=plugins python -m auth.page > docs/rights-airflow.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from auth.routes import Need, Who, lines
from officeflow.rights.permissions import GRANTS, Permission, Role

HEAD = """\
# Rights at Airflow's routes

Made of `plugins/auth/routes.py`; do not edit. `tests/airflow/rights` calls every route as everybody, and
fails where Airflow has one that is not here.

What a role may do holds for DAGs, runs and tasks of the organization where somebody has it. Of another
organization's, and of DAGs that belong to none, no role may do anything: a route that names one is refused
(403), and a list of all shows none. *Platform* is whoever has Airflow's role `Admin`.

Accounts with other roles of Airflow's (`Op`, `User`, `Viewer`, rights to single DAGs) may with DAGs of no
organization what those say, and reach no organization's.
[What Airflow cannot hide](security-airflow.md) is on a page of its own.

"""


def page() -> str:
    titles = ["route", "takes", *Role, "platform"]
    rows = [titles, ["---", "---", *["---"] * (len(Role) + 1)], *_rows()]
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _rows() -> Iterator[list[str]]:
    for method, path, need in lines():
        may = [_mark(_may(role, need)) for role in Role]
        yield [f"`{method} {path}`", _named(need), *may, _mark(need is not Who.NOBODY)]


def _may(role: Role, need: Need) -> bool:
    if isinstance(need, Permission):
        return need in GRANTS[role]
    return need in {Who.ANYBODY, Who.SIGNED_IN}


def _named(need: Need) -> str:
    return f"`{need}`" if isinstance(need, Permission) else str(need)


def _mark(may: bool) -> str:
    return "✓" if may else "-"


if __name__ == "__main__":
    sys.stdout.write(page())
