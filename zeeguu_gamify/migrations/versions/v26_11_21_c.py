"""Add activity index to user reading session."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_21_c"
down_revision = "26_11_21_b"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
