"""The webhook gateway adds to the quarantine under the keys of whom it is about, and reads none of it."""

from __future__ import annotations

from alembic import op

from officeflow.database.engine import GATEWAY_ROLE, ORG_SETTING

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_OF_ONE = (
    f"current_user = '{GATEWAY_ROLE}' AND org_id = nullif(current_setting('{ORG_SETTING}', true), '')::uuid"
)
WHOSE = {"organization_keys": _OF_ONE, "person_keys": f"{_OF_ONE} AND retired_at IS NULL"}
"""The rows that its role sees and adds: of the one organization that its transaction names; of people's keys
those that something is written by now. An organization's retired key may still wrap one of them.
"""
ADDS = {
    "organization_keys": "key_id, org_id, wrapped",
    "person_keys": "key_id, org_id, person, org_key_id, wrapped",
}


def upgrade() -> None:
    for table, whose in WHOSE.items():
        op.execute(f"CREATE POLICY gateway ON {table} TO {GATEWAY_ROLE} USING ({whose}) WITH CHECK ({whose})")
        op.execute(f"GRANT SELECT, INSERT ({ADDS[table]}) ON {table} TO {GATEWAY_ROLE}")
    op.execute(f"REVOKE SELECT ON dead_letters FROM {GATEWAY_ROLE}")  # noqa: S608 - a name of ours
    op.execute(f"GRANT SELECT (dead_letter_id) ON dead_letters TO {GATEWAY_ROLE}")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT (dead_letter_id) ON dead_letters FROM {GATEWAY_ROLE}")  # noqa: S608 - a name of ours
    op.execute(f"GRANT SELECT ON dead_letters TO {GATEWAY_ROLE}")
    for table in WHOSE:
        op.execute(f"DROP POLICY gateway ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM {GATEWAY_ROLE}")
