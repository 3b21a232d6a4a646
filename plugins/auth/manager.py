"""Airflow's auth manager: Flask-AppBuilder's, which our own users go before.

- Of an organization's DAG, and all that belongs to it, our users' roles decide (`auth.rules`), whatever roles
  an account has at Airflow. Which organization it is, its id says: what stands before `__`.
- An organization's connections, variables and pools (`acme.mail`) are for the platform alone; so is making
  one, where Airflow does not tell the name that it will have.
- Of everything else Flask-AppBuilder's roles decide: DAGs that data teams write, Airflow's own pages.
- The platform's admins and our service account are asked nothing of this.

While our database is away nobody but those is answered what an organization may have; what none can have,
whoever has a role of the platform's goes on with. The name of the class has Flask-AppBuilder's in
it: Airflow looks for that to keep the rights of single DAGs and to clean up sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from airflow.models import DagModel
from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
from airflow.providers.fab.www.security.permissions import RESOURCE_DAG, RESOURCE_DAG_PREFIX
from airflow.utils.session import NEW_SESSION, provide_session
from fastapi import HTTPException
from jwt import InvalidTokenError
from sqlalchemy import or_, select
from starlette.concurrency import run_in_threadpool

from auth.listed import LISTED
from auth.people import dags_owner, is_untouched, people
from auth.rules import MENU, UNNAMED, needed
from officeflow.errors import Unavailable
from officeflow.ids import dag_id as dag_id_of
from officeflow.rights.permissions import Permission
from officeflow.settings import load_settings
from officeflow.tenants.membership import Standing

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
    from airflow.api_fastapi.auth.managers.models.batch_apis import (
        IsAuthorizedConnectionRequest,
        IsAuthorizedDagRequest,
        IsAuthorizedPoolRequest,
        IsAuthorizedVariableRequest,
    )
    from airflow.api_fastapi.auth.managers.models.resource_details import (
        AccessView,
        AssetAliasDetails,
        AssetDetails,
        ConfigurationDetails,
        ConnectionDetails,
        DagAccessEntity,
        DagDetails,
        PoolDetails,
        VariableDetails,
    )
    from airflow.api_fastapi.common.types import MenuItem
    from airflow.providers.fab.auth_manager.models import User
    from sqlalchemy.orm import Session

AWAY = "Who may do this cannot be told just now, because OfficeFlow's database does not answer; try again."


class OfficeFlowFabAuthManager(FabAuthManager):
    # ── who ──

    async def get_user_from_token(self, token: str) -> Any:
        """`InvalidTokenError` also where the account is nobody's any more.

        While our database is away a token is taken: what its user wants to do is refused then.
        """
        user = await super().get_user_from_token(token)
        if not is_untouched(user) and await run_in_threadpool(_is_lost, user):
            raise InvalidTokenError("the account is no active user's any more")
        return user

    def create_token(self, headers: dict[str, str], body: dict[str, Any]) -> User | None:
        user = super().create_token(headers, body)
        return None if user is None or _is_lost(user) else user

    def is_logged_in(self) -> bool:
        """Of Flask-AppBuilder's own pages, which know a session of theirs."""
        return super().is_logged_in() and not _is_lost(self.get_user())

    def get_url_logout(self) -> str | None:
        """Flask-AppBuilder's page where people sign in at an OpenID provider (`auth.sign_out`); Airflow's
        route of almost the same address ends the session here alone.
        """
        url = super().get_url_logout()
        return f"{url}/" if url and load_settings().oidc_issuer else url

    # ── DAGs ──

    def is_authorized_dag(
        self,
        *,
        method: ResourceMethod,
        user: User,
        access_entity: DagAccessEntity | None = None,
        details: DagDetails | None = None,
    ) -> bool:
        def by_fab() -> bool:
            return super(OfficeFlowFabAuthManager, self).is_authorized_dag(
                method=method, user=user, access_entity=access_entity, details=details
            )

        if is_untouched(user):
            return by_fab()
        if not _is_somebody(user):
            return False
        standing, permission = _standing(user), needed(method, access_entity)
        dag_id = details.id if details else None
        if not dag_id:
            return _may_list(standing, method, access_entity) or by_fab()
        org_id = standing.slugs.get(dags_owner(dag_id))
        if org_id is not None:
            return permission is not None and standing.principal().may(permission, org_id)
        return by_fab() and not _is_organizations(dag_id)

    def batch_is_authorized_dag(self, requests: Sequence[IsAuthorizedDagRequest], *, user: User) -> bool:
        if self._has_dags(user):
            _learn(user, (details.id for each in requests if (details := each.get("details"))))
        return super().batch_is_authorized_dag(requests, user=user)

    def filter_authorized_dag_ids(
        self, *, dag_ids: set[str], user: User, method: ResourceMethod = "GET", team_name: str | None = None
    ) -> set[str]:
        if self._has_dags(user):
            _learn(user, dag_ids)
        return super().filter_authorized_dag_ids(
            dag_ids=dag_ids, user=user, method=method, team_name=team_name
        )

    @provide_session
    def get_authorized_dag_ids(
        self, *, user: User, method: ResourceMethod = "GET", session: Session = NEW_SESSION
    ) -> set[str]:
        """Two questions to the database, however many DAGs there are: organizations' and others."""
        if is_untouched(user):
            return super().get_authorized_dag_ids(user=user, method=method, session=session)
        return self._of_organizations(user, method, session) | self._of_others(user, method, session)

    @staticmethod
    def _of_organizations(user: User, method: str, session: Session) -> set[str]:
        permission = (LISTED.get() if method == "GET" else None) or needed(method, None)
        slugs = _slugs_with(_standing(user), permission)
        if not slugs:
            return set()
        begins = [DagModel.dag_id.startswith(dag_id_of(slug, ""), autoescape=True) for slug in slugs]
        return set(session.scalars(select(DagModel.dag_id).where(or_(*begins))))

    def _of_others(self, user: User, method: ResourceMethod, session: Session) -> set[str]:
        if not self._has_dags(user):
            return set()
        found = super().get_authorized_dag_ids(user=user, method=method, session=session)
        return _not_organizations(found)

    def _has_dags(self, user: User) -> bool:
        """Whether a role at Airflow gives the user any DAG."""
        return any(
            resource == RESOURCE_DAG or resource.startswith(RESOURCE_DAG_PREFIX)
            for _, resource in self._get_user_permissions(user)
        )

    # ── what is the installation's, and bears an organization's name where it is an organization's ──

    def is_authorized_connection(
        self, *, method: ResourceMethod, user: User, details: ConnectionDetails | None = None
    ) -> bool:
        by_fab = super().is_authorized_connection(method=method, user=user, details=details)
        return by_fab and _may_name(user, method, details.conn_id if details else None)

    def is_authorized_variable(
        self, *, method: ResourceMethod, user: User, details: VariableDetails | None = None
    ) -> bool:
        by_fab = super().is_authorized_variable(method=method, user=user, details=details)
        return by_fab and _may_name(user, method, details.key if details else None)

    def is_authorized_pool(
        self, *, method: ResourceMethod, user: User, details: PoolDetails | None = None
    ) -> bool:
        by_fab = super().is_authorized_pool(method=method, user=user, details=details)
        return by_fab and _may_name(user, method, details.name if details else None)

    def batch_is_authorized_connection(
        self, requests: Sequence[IsAuthorizedConnectionRequest], *, user: User
    ) -> bool:
        _learn(user, (details.conn_id for each in requests if (details := each.get("details"))))
        return super().batch_is_authorized_connection(requests, user=user)

    def batch_is_authorized_variable(
        self, requests: Sequence[IsAuthorizedVariableRequest], *, user: User
    ) -> bool:
        _learn(user, (details.key for each in requests if (details := each.get("details"))))
        return super().batch_is_authorized_variable(requests, user=user)

    def batch_is_authorized_pool(self, requests: Sequence[IsAuthorizedPoolRequest], *, user: User) -> bool:
        _learn(user, (details.name for each in requests if (details := each.get("details"))))
        return super().batch_is_authorized_pool(requests, user=user)

    @provide_session
    def get_authorized_connections(
        self, *, user: User, method: ResourceMethod = "GET", session: Session = NEW_SESSION
    ) -> set[str]:
        if not super().is_authorized_connection(method=method, user=user):
            return set()
        found = super().get_authorized_connections(user=user, method=method, session=session)
        return found if is_untouched(user) else _not_organizations(found)

    @provide_session
    def get_authorized_variables(
        self, *, user: User, method: ResourceMethod = "GET", session: Session = NEW_SESSION
    ) -> set[str]:
        if not super().is_authorized_variable(method=method, user=user):
            return set()
        found = super().get_authorized_variables(user=user, method=method, session=session)
        return found if is_untouched(user) else _not_organizations(found)

    @provide_session
    def get_authorized_pools(
        self, *, user: User, method: ResourceMethod = "GET", session: Session = NEW_SESSION
    ) -> set[str]:
        if not super().is_authorized_pool(method=method, user=user):
            return set()
        found = super().get_authorized_pools(user=user, method=method, session=session)
        return found if is_untouched(user) else _not_organizations(found)

    # ── what no organization has ──

    def is_authorized_asset(
        self, *, method: ResourceMethod, user: User, details: AssetDetails | None = None
    ) -> bool:
        return _is_somebody(user) and super().is_authorized_asset(method=method, user=user, details=details)

    def is_authorized_asset_alias(
        self, *, method: ResourceMethod, user: User, details: AssetAliasDetails | None = None
    ) -> bool:
        return _is_somebody(user) and super().is_authorized_asset_alias(
            method=method, user=user, details=details
        )

    def is_authorized_configuration(
        self, *, method: ResourceMethod, user: User, details: ConfigurationDetails | None = None
    ) -> bool:
        return _is_somebody(user) and super().is_authorized_configuration(
            method=method, user=user, details=details
        )

    def is_authorized_view(
        self, *, access_view: AccessView, user: User, team_name: str | None = None
    ) -> bool:
        return _is_somebody(user) and super().is_authorized_view(
            access_view=access_view, user=user, team_name=team_name
        )

    def is_authorized_custom_view(
        self, *, method: ResourceMethod | str, resource_name: str, user: User
    ) -> bool:
        return _is_somebody(user) and super().is_authorized_custom_view(
            method=method, resource_name=resource_name, user=user
        )

    def filter_authorized_menu_items(self, menu_items: list[MenuItem], user: User) -> list[MenuItem]:
        found = super().filter_authorized_menu_items(menu_items, user)
        if is_untouched(user):
            return found
        standing = _standing(user)
        return [
            item
            for item in menu_items
            if item in found or (item in MENU and _slugs_with(standing, MENU[item]))
        ]


def _told(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Unavailable as error:
        raise HTTPException(503, AWAY) from error


def _standing(user: User) -> Standing:
    found: Standing = _told(lambda: people().standing(user))
    return found


def _is_organizations(name: str) -> bool:
    return bool(_told(lambda: people().is_organizations(name)))


def _not_organizations(names: set[str]) -> set[str]:
    theirs: set[str] = _told(lambda: people().organizations(names))
    return names - theirs


def _learn(user: User, names: Iterable[str | None]) -> None:
    """Ask by one question what would be asked of each."""
    if not is_untouched(user):
        _not_organizations({name for name in names if name})


def _is_lost(user: Any) -> bool:
    """Taken not to be while our database is away: whatever the user wants to do is refused then."""
    try:
        return people().is_lost(user)
    except Unavailable:
        return False


def _is_somebody(user: User) -> bool:
    """True, once it is certain."""
    return is_untouched(user) or not _told(lambda: people().is_lost(user))


def _slugs_with(standing: Standing, permission: Permission | None) -> list[str]:
    """The organizations in which the user may do this."""
    if permission is None:
        return []
    principal = standing.principal()
    return [slug for slug, org_id in standing.slugs.items() if principal.may(permission, org_id)]


def _may_list(standing: Standing, method: str, entity: DagAccessEntity | None) -> bool:
    """Whether there is an organization for which it could be asked; Airflow looks at the single DAGs then."""
    permission = needed(method, entity)
    if str(method) == "GET":
        shown = LISTED.get() if permission is Permission.REQUEST_READ else None
        return bool(_slugs_with(standing, shown or permission))
    return (str(method), entity) in UNNAMED and bool(_slugs_with(standing, permission))


def _may_name(user: User, method: str, name: str | None) -> bool:
    """Whether a thing of this name is to be touched by this user at all; `name` is None where Airflow does
    not tell it, as for a list.
    """
    if is_untouched(user):
        return True
    if name is None:
        return _is_somebody(user) and str(method) == "GET"
    return not _is_organizations(name)
