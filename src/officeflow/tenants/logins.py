"""Accounts at Airflow for users who have none."""

from __future__ import annotations

import secrets

from officeflow.airflow_api.accounts import AirflowAccounts
from officeflow.airflow_api.errors import AirflowConflict, AirflowForbids
from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.errors import InvalidInput
from officeflow.program import typed
from officeflow.tenants import organizations, users

PASSWORD_BYTES = 18


def create_login(
    database: Database, accounts: AirflowAccounts, slug_or_uuid: str, email: str, *, by: str
) -> tuple[str, str]:
    """An account at Airflow for the user: its login and its first password, which is kept nowhere.

    `InvalidInput` where the user has no login, the account is there already, or who has signed in to
    `accounts` may make none; `NotKnown` where there is no such user.
    """
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        user = users.find(session, org_id, email)
        if user.airflow_login is None:
            hint = f"`{typed('user create')} --airflow-login LOGIN` gives one to a new user"
            raise InvalidInput(f"{user.email} has no login at Airflow", hint=hint)
        entry = AuditEntry(
            actor=by,
            action=AuditAction.USER_LOGIN_CREATED,
            subject=f"user:{user.email}",
            details={"login": user.airflow_login},
        )
        audit.append(session, org_id, entry)
        session.flush()
        _create(accounts, user.airflow_login, password, name=user.name, email=user.email)
    return user.airflow_login, password


def _create(accounts: AirflowAccounts, login: str, password: str, *, name: str, email: str) -> None:
    try:
        accounts.create(login, password, name=name, email=email)
    except AirflowConflict as error:
        hint = "its admins give it the role OfficeFlow member, or the user another login"
        raise InvalidInput(f"Airflow has an account of that login or address: {error}", hint=hint) from error
    except AirflowForbids as error:
        raise InvalidInput(f"Airflow lets only its admins make accounts: {error}") from error
