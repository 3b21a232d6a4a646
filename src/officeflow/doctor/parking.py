"""Parking: its login, its rights, and whether Airflow is the one that it knows."""

from __future__ import annotations

from collections.abc import Iterator

from officeflow.database import parking_login
from officeflow.doctor.finding import Check, Finding, Subject, ok, warning
from officeflow.program import typed

AREA = "parking"
AT_ALL = "runs that wait slow the others down, and nothing else is wrong"


def login(subject: Subject) -> Iterator[Finding]:
    settings = subject.known
    url = settings.parking_database_url.get_secret_value()
    if not settings.parking:
        yield ok("parking is switched off (OFFICEFLOW_PARKING)")
        return
    if not url:
        yield warning(
            f"no login for parking: {AT_ALL}",
            "set OFFICEFLOW_PARKING_DATABASE_URL (docs/parking.md)",
        )
        return
    wrong, too_much = parking_login.examine(url)
    for each in wrong:
        yield warning(f"nothing is parked: {each}; {AT_ALL}", _what_to_do(each))
    if too_much:
        yield warning(
            f"parking's login may write in {', '.join(too_much)}",
            "give parking a login of its own (docs/parking.md)",
        )
    if not wrong and not too_much:
        yield ok(
            "parking's login may write dag_run.run_after and nothing else, and Airflow is as it knows it"
        )


def _what_to_do(wrong: str) -> str:
    if "may not" in wrong:
        return f"`{typed('db grant-parking --show')}` prints what Airflow's owner is to grant"
    return "parking comes back with the version of OfficeFlow that is made for this Airflow"


CHECKS = (Check(area=AREA, name="login", examine=login, needs=("settings.readable",)),)
