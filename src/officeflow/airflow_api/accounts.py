"""Accounts at Airflow, which its admins may make."""

from __future__ import annotations

from officeflow.airflow_api.wire import Wire

MEMBER_ROLE = "OfficeFlow member"
"""The role there of whoever works for an organization; `config/airflow_prepare.py` makes it."""


class AirflowAccounts(Wire):
    """Signed in as one of Airflow's admins."""

    def create(self, login: str, password: str, *, name: str, email: str) -> None:
        """A new account that may do what our users' tables say of its login.

        `AirflowConflict` where the login or the address is taken, `AirflowForbids` where who has signed in
        may not.
        """
        first, _, last = name.partition(" ")
        body = {
            "username": login,
            "email": email,
            "first_name": first,
            "last_name": last or first,
            "roles": [{"name": MEMBER_ROLE}],
            "password": password,
        }
        self._call("POST", "/auth/fab/v1/users", json=body)
