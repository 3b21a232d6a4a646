"""Microsoft 365 / Entra ID, whole: each part of it has a module of its own."""

from __future__ import annotations

from officeflow.connectors.entra.accounts import Accounts
from officeflow.connectors.entra.changes import Following
from officeflow.connectors.entra.credentials import Credentials
from officeflow.connectors.entra.factors import Factors
from officeflow.connectors.entra.groups import Groups
from officeflow.connectors.entra.licences import Licences
from officeflow.connectors.entra.lives import Lives
from officeflow.connectors.entra.roles import Roles
from officeflow.connectors.entra.sso import SingleSignOn
from officeflow.connectors.entra.standing import Standings


class EntraProvider(
    Accounts,
    Lives,
    Following,
    Groups,
    Roles,
    SingleSignOn,
    Licences,
    Credentials,
    Factors,
    Standings,
):
    """Users of a tenant over Microsoft Graph v1.0.

    After every write the object is read again by its id, until what was written is seen or the connection's
    `settle` is over. The connection's `mark` stands before every identity that is written or searched.
    """
