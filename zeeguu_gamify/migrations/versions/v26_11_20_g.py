"""Add grant columns to user badge."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_20_g"
down_revision = "26_11_20_f"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
