"""Add EXP and coins to user_profile."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_23_a"
down_revision = "26_11_22_c"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
