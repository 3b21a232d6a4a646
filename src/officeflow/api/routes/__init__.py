"""The routes, a file per kind of thing."""

from __future__ import annotations

from fastapi import APIRouter

from officeflow.api.routes import (
    access,
    acts,
    audit,
    catalog,
    changes,
    connections,
    drafts,
    drift,
    employees,
    events,
    groups,
    health,
    me,
    metrics,
    organizations,
    outbox,
    plans,
    quarantine,
    releases,
    requests,
    runs,
    service_accounts,
    steering,
    steering_many,
    templates,
    tokens,
    users,
    workflows,
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
    access.router,
    drift.router,
    catalog.router,
    templates.router,
    workflows.router,
    plans.router,
    drafts.router,
    releases.router,
    events.router,
    quarantine.router,
    outbox.router,
    runs.router,
    steering.router,
    steering_many.router,
    acts.router,
    requests.router,
    audit.router,
    metrics.router,
    changes.router,
)

POLLED: tuple[APIRouter, ...] = (metrics.router, runs.router, requests.router, events.router)
"""What pages ask for over and over."""
