"""Add limits to badge."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_22_a"
down_revision = "26_11_21_f"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
