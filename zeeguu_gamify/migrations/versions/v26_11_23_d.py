"""Create event_client."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_23_d"
down_revision = "26_11_23_c"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
