"""Create outbox message."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_20_x"
down_revision = "26_11_20_w"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
