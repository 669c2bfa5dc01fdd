"""Create season."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_20_z"
down_revision = "26_11_20_y"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
