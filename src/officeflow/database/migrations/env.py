"""Alembic's entry: `officeflow.database.migrate` hands it an open connection."""

from __future__ import annotations

from alembic import context

from officeflow.database.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
