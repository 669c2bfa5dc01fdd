"""Create the inbox."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_23_e"
down_revision = "26_11_23_d"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
