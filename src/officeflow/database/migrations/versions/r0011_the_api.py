"""Service accounts and their tokens, answers by Idempotency-Key, and whose account at Airflow a user has."""

from __future__ import annotations

from alembic import op

from officeflow.database.engine import SERVICE_ROLE
from officeflow.database.migrations.security import protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE service_accounts (
    account_id UUID NOT NULL,
    name VARCHAR(41) NOT NULL,
    description VARCHAR(255) DEFAULT '' NOT NULL,
    role VARCHAR(50) NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    org_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_service_accounts PRIMARY KEY (account_id),
    CONSTRAINT uq_service_accounts_org_id_name UNIQUE (org_id, name),
    CONSTRAINT fk_service_accounts_org_id_organizations FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_service_accounts_org_id ON service_accounts (org_id);
CREATE TABLE api_tokens (
    token_id UUID NOT NULL,
    account_id UUID NOT NULL,
    prefix VARCHAR(12) NOT NULL,
    digest BYTEA NOT NULL,
    scopes VARCHAR(64)[],
    created_by VARCHAR(255) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    org_id UUID NOT NULL,
    CONSTRAINT pk_api_tokens PRIMARY KEY (token_id),
    CONSTRAINT uq_api_tokens_prefix UNIQUE (prefix),
    CONSTRAINT fk_api_tokens_org_id_organizations FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_api_tokens_org_id ON api_tokens (org_id);
CREATE INDEX ix_api_tokens_account_id ON api_tokens (account_id);
CREATE TABLE idempotency_keys (
    owner VARCHAR(512) NOT NULL,
    key VARCHAR(255) NOT NULL,
    content VARCHAR(64) NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answer BYTEA,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (owner, key)
);
CREATE INDEX ix_idempotency_keys_begun_at ON idempotency_keys (begun_at);
CREATE INDEX ix_users_airflow_login ON users (lower(airflow_login));
"""

DOWN = """
DROP INDEX ix_users_airflow_login;
DROP TABLE idempotency_keys;
DROP TABLE api_tokens;
DROP TABLE service_accounts;
"""


def upgrade() -> None:
    op.execute(UP)
    protect("service_accounts")
    protect("api_tokens")
    op.execute("ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY service ON idempotency_keys TO {SERVICE_ROLE}"
        f" USING (current_user = '{SERVICE_ROLE}') WITH CHECK (current_user = '{SERVICE_ROLE}')"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO {SERVICE_ROLE}")


def downgrade() -> None:
    op.execute(DOWN)
