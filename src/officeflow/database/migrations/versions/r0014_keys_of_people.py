"""Each person has a key; what is sensitive is written under it. Holds, erasures, and the way to other keys."""

from __future__ import annotations

from alembic import op

from officeflow.database.engine import SERVICE_ROLE
from officeflow.database.migrations.security import protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE organization_keys (
    key_id uuid CONSTRAINT pk_organization_keys PRIMARY KEY,
    org_id uuid NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);
CREATE UNIQUE INDEX uq_organization_keys_current ON organization_keys (org_id) WHERE retired_at IS NULL;

CREATE TABLE person_keys (
    key_id uuid CONSTRAINT pk_person_keys PRIMARY KEY,
    org_id uuid NOT NULL,
    person uuid,
    org_key_id uuid NOT NULL,
    wrapped bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    destroyed_at timestamptz,
    CONSTRAINT ck_person_keys_destroyed CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE UNIQUE INDEX uq_person_keys_current ON person_keys (org_id, person) WHERE retired_at IS NULL;

CREATE TABLE key_passes (
    pass_id uuid CONSTRAINT pk_key_passes PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_key_passes_org_id_organizations REFERENCES organizations,
    kind varchar(20) NOT NULL,
    state varchar(20) NOT NULL DEFAULT 'RUNNING',
    table_name varchar(63) NOT NULL DEFAULT '',
    after uuid,
    round integer NOT NULL DEFAULT 1,
    round_began_at timestamptz NOT NULL DEFAULT now(),
    changed_in_round bigint NOT NULL DEFAULT 0,
    seen bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    unread bigint NOT NULL DEFAULT 0,
    asked_by varchar(600) NOT NULL,
    why varchar(1000) NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE INDEX ix_key_passes_org_id ON key_passes (org_id);
CREATE INDEX ix_key_passes_running ON key_passes (created_at) WHERE state = 'RUNNING';

CREATE TABLE legal_holds (
    hold_id uuid CONSTRAINT pk_legal_holds PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_legal_holds_org_id_organizations REFERENCES organizations,
    external_id varchar(255) NOT NULL,
    why varchar(1000) NOT NULL,
    placed_by varchar(600) NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    released_by varchar(600) NOT NULL DEFAULT '',
    released_why varchar(1000) NOT NULL DEFAULT '',
    released_at timestamptz
);
CREATE INDEX ix_legal_holds_org_id ON legal_holds (org_id);
CREATE UNIQUE INDEX uq_legal_holds_standing ON legal_holds (org_id, external_id) WHERE released_at IS NULL;

CREATE TABLE erasures (
    erasure_id uuid CONSTRAINT pk_erasures PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_erasures_org_id_organizations REFERENCES organizations,
    external_id varchar(255) NOT NULL,
    pseudonym varchar(255) NOT NULL,
    state varchar(20) NOT NULL,
    why varchar(1000) NOT NULL,
    asked_by varchar(600) NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    confirmed_by varchar(600) NOT NULL DEFAULT '',
    erased_at timestamptz,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    last_error varchar(1000) NOT NULL DEFAULT '',
    airflow jsonb NOT NULL DEFAULT '[]',
    report jsonb NOT NULL DEFAULT '{}',
    done_at timestamptz
);
CREATE INDEX ix_erasures_org_id ON erasures (org_id);
CREATE INDEX ix_erasures_org_id_asked_at ON erasures (org_id, asked_at, erasure_id);
CREATE UNIQUE INDEX uq_erasures_open ON erasures (org_id, external_id) WHERE state IN ('WAITING', 'ERASED');

ALTER TABLE human_requests ALTER COLUMN body DROP DEFAULT;
ALTER TABLE human_requests ALTER COLUMN body TYPE bytea USING convert_to(to_json(body)::text, 'UTF8');
ALTER TABLE human_requests ALTER COLUMN form TYPE bytea USING convert_to(form::text, 'UTF8');
"""

TABLES = ("organization_keys", "person_keys", "key_passes", "legal_holds", "erasures")

DOWN = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM person_keys) OR EXISTS (SELECT FROM organization_keys) THEN
        RAISE EXCEPTION 'what was written under the keys of people could not be read any more';
    END IF;
END $$;
"""

TABLES_DOWN = """
ALTER TABLE human_requests ALTER COLUMN form TYPE json USING convert_from(form, 'UTF8')::json;
ALTER TABLE human_requests ALTER COLUMN body TYPE varchar USING convert_from(body, 'UTF8')::json #>> '{}';
ALTER TABLE human_requests ALTER COLUMN body SET DEFAULT '';
DROP TABLE erasures, legal_holds, key_passes, person_keys, organization_keys;
"""


def upgrade() -> None:
    """What people are asked stays as it is until the steward brings it under their keys: text that is not
    encrypted yet begins with no byte of a sealed value or a token.
    """
    op.execute(UP)
    for table in TABLES:
        protect(table)


def downgrade() -> None:
    """Refused where anything was written under the keys of people."""
    op.execute(f"SELECT set_config('role', '{SERVICE_ROLE}', true)")  # the owner sees no row
    op.execute(DOWN)
    op.execute("SELECT set_config('role', 'none', true)")
    op.execute(TABLES_DOWN)
