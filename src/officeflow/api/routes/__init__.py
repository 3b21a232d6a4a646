"""The routes, a file per kind of thing."""

from __future__ import annotations

from fastapi import APIRouter

from officeflow.api.routes import (
    catalog,
    connections,
    employees,
    groups,
    health,
    me,
    organizations,
    service_accounts,
    templates,
    tokens,
    users,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    me.router,
    organizations.router,
    users.router,
    groups.router,
    service_accounts.router,
    tokens.router,
    employees.router,
    connections.router,
    catalog.router,
    templates.router,
)
