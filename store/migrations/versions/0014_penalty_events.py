"""One event is penalised once in all complaints about a parcel, by a key; arithmetic in Chinese.

Revision ID: 0014
Revises: 0013
"""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Straight to the driver: many statements at once, and `%` means itself.
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    raise NotImplementedError("The register is not taken apart: restore a backup instead.")
