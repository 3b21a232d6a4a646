"""The routes, a file per kind of thing."""

from __future__ import annotations

from fastapi import APIRouter

from officeflow.api.routes import health, me

ROUTERS: tuple[APIRouter, ...] = (health.router, me.router)
