"""Drafts of workflows, what waits for a second person, who sent an event by hand, and what lists need."""

from __future__ import annotations

from alembic import op

from officeflow.database.migrations.security import protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE workflow_drafts (
    draft_id UUID NOT NULL,
    slug VARCHAR(41),
    title VARCHAR(255) NOT NULL,
    content JSONB NOT NULL,
    base_version INTEGER,
    revision INTEGER DEFAULT 1 NOT NULL,
    created_by VARCHAR(600) NOT NULL,
    edited_by VARCHAR(600) NOT NULL,
    org_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_workflow_drafts PRIMARY KEY (draft_id),
    CONSTRAINT fk_workflow_drafts_org_id_organizations FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_workflow_drafts_org_id ON workflow_drafts (org_id);
CREATE INDEX ix_workflow_drafts_newest ON workflow_drafts (org_id, updated_at DESC, draft_id DESC);
CREATE TABLE releases (
    release_id UUID NOT NULL,
    kind VARCHAR(20) NOT NULL,
    state VARCHAR(20) DEFAULT 'PENDING' NOT NULL,
    subject VARCHAR(600) NOT NULL,
    wanted JSONB NOT NULL,
    why VARCHAR(4000) NOT NULL,
    requested_by VARCHAR(600) NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    correlation_id VARCHAR(255),
    decided_by VARCHAR(600),
    decided_at TIMESTAMP WITH TIME ZONE,
    decision VARCHAR(4000),
    is_announced BOOLEAN DEFAULT false NOT NULL,
    org_id UUID NOT NULL,
    CONSTRAINT pk_releases PRIMARY KEY (release_id),
    CONSTRAINT fk_releases_org_id_organizations FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_releases_org_id ON releases (org_id);
CREATE INDEX ix_releases_newest ON releases (org_id, requested_at DESC, release_id DESC);
CREATE INDEX ix_releases_unannounced ON releases (requested_at) WHERE NOT is_announced;
CREATE UNIQUE INDEX uq_releases_pending ON releases (org_id, kind, subject) WHERE state = 'PENDING';
CREATE TABLE event_senders (
    source VARCHAR(255) NOT NULL,
    event_id VARCHAR(255) NOT NULL,
    sent_by VARCHAR(600) NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    org_id UUID NOT NULL,
    CONSTRAINT pk_event_senders PRIMARY KEY (org_id, source, event_id, sent_by),
    CONSTRAINT fk_event_senders_org_id_organizations FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_event_senders_org_id ON event_senders (org_id);
ALTER TABLE workflows ADD COLUMN is_protected BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE inbox_events ADD COLUMN release_id UUID;
ALTER TABLE inbox_events ADD CONSTRAINT fk_inbox_events_release_id_releases
    FOREIGN KEY (release_id) REFERENCES releases (release_id);
CREATE INDEX ix_inbox_events_release ON inbox_events (release_id) WHERE release_id IS NOT NULL;
CREATE INDEX ix_inbox_events_newest ON inbox_events (org_id, arrival DESC);
CREATE INDEX ix_inbox_events_counted ON inbox_events (org_id, kind, received_at);
CREATE INDEX ix_dead_letters_newest ON dead_letters (org_id, created_at DESC, dead_letter_id DESC);
CREATE INDEX ix_outbox_messages_unsent_of ON outbox_messages (org_id, position) WHERE sent_at IS NULL;
"""

DOWN = """
DROP INDEX ix_outbox_messages_unsent_of;
DROP INDEX ix_dead_letters_newest;
DROP INDEX ix_inbox_events_counted;
DROP INDEX ix_inbox_events_newest;
DROP INDEX ix_inbox_events_release;
UPDATE inbox_events SET status = 'RECEIVED' WHERE status = 'HELD';
UPDATE inbox_events SET status = 'IGNORED' WHERE status = 'REFUSED';
ALTER TABLE inbox_events DROP COLUMN release_id;
ALTER TABLE workflows DROP COLUMN is_protected;
DROP TABLE event_senders;
DROP TABLE releases;
DROP TABLE workflow_drafts;
"""


def upgrade() -> None:
    op.execute(UP)
    protect("workflow_drafts", tenant="SELECT, INSERT, UPDATE, DELETE")
    protect("releases")
    protect("event_senders", tenant="SELECT, INSERT")


def downgrade() -> None:
    op.execute(DOWN)
