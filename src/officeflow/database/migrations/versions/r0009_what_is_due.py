"""What is due of requests and runs is found without reading those that are done with."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UP = """
DROP INDEX ix_human_requests_open;
DROP INDEX ix_human_requests_untold;
CREATE INDEX ix_human_requests_deadline ON human_requests (deadline) WHERE state = 'OPEN';
CREATE INDEX ix_human_requests_remind_at ON human_requests (remind_at) WHERE state = 'OPEN';
CREATE INDEX ix_human_requests_escalate_at ON human_requests (escalate_at) WHERE state = 'OPEN';
CREATE INDEX ix_human_requests_untold ON human_requests (decided_at)
    WHERE state IN ('DECIDED', 'EXPIRED') AND told_airflow_at IS NULL;
CREATE INDEX ix_workflow_runs_uncarried ON workflow_runs (control_at)
    WHERE control_at IS NOT NULL AND control_done_at IS NULL;
"""

DOWN = """
DROP INDEX ix_workflow_runs_uncarried;
DROP INDEX ix_human_requests_untold;
DROP INDEX ix_human_requests_escalate_at;
DROP INDEX ix_human_requests_remind_at;
DROP INDEX ix_human_requests_deadline;
CREATE INDEX ix_human_requests_untold ON human_requests (decided_at)
    WHERE decided_at IS NOT NULL AND told_airflow_at IS NULL;
CREATE INDEX ix_human_requests_open ON human_requests (state, deadline);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
