"""Groups have rows of their own, which may carry a role; what SCIM says about users and nobody else does."""

from __future__ import annotations

from alembic import op

from officeflow.database.migrations.security import protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE groups (
    group_id UUID NOT NULL,
    name VARCHAR(100) NOT NULL,
    external_id VARCHAR(255),
    role VARCHAR(50),
    org_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_groups PRIMARY KEY (group_id),
    CONSTRAINT uq_groups_org_id_name UNIQUE (org_id, name),
    CONSTRAINT fk_groups_org_id_organizations FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_groups_org_id ON groups (org_id);
CREATE INDEX ix_groups_lower_name ON groups (org_id, lower(name));
CREATE INDEX ix_groups_external_id ON groups (org_id, external_id);
CREATE TABLE scim_users (
    user_id UUID NOT NULL,
    external_id VARCHAR(255),
    attributes JSONB,
    role_by_hand VARCHAR(50),
    deleted_at TIMESTAMP WITH TIME ZONE,
    org_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_scim_users PRIMARY KEY (user_id),
    CONSTRAINT fk_scim_users_user_id_users FOREIGN KEY (user_id) REFERENCES users (user_id),
    CONSTRAINT fk_scim_users_org_id_organizations FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_scim_users_org_id ON scim_users (org_id);
CREATE INDEX ix_scim_users_external_id ON scim_users (org_id, external_id);
CREATE INDEX ix_users_user_name ON users (org_id, lower(coalesce(airflow_login, email)));
CREATE INDEX ix_user_groups_user_id ON user_groups (user_id);
"""

FILL = """
INSERT INTO groups (group_id, org_id, name)
    SELECT gen_random_uuid(), org_id, group_name FROM user_groups GROUP BY org_id, group_name;
"""

TIE = """
ALTER TABLE user_groups ADD CONSTRAINT fk_user_groups_org_id_groups
    FOREIGN KEY (org_id, group_name) REFERENCES groups (org_id, name) ON UPDATE CASCADE;
"""

DOWN = """
ALTER TABLE user_groups DROP CONSTRAINT fk_user_groups_org_id_groups;
DROP INDEX ix_user_groups_user_id;
DROP INDEX ix_users_user_name;
DROP TABLE scim_users;
DROP TABLE groups;
"""


def upgrade() -> None:
    op.execute(UP)
    op.execute("ALTER TABLE user_groups NO FORCE ROW LEVEL SECURITY")  # or its owner would copy no row
    op.execute(FILL)
    op.execute("ALTER TABLE user_groups FORCE ROW LEVEL SECURITY")
    op.execute(TIE)
    protect("groups", tenant="SELECT, INSERT, UPDATE, DELETE")
    protect("scim_users")


def downgrade() -> None:
    op.execute(DOWN)
