"""Create daily_count."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_22_c"
down_revision = "26_11_22_a"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
