"""Allow one friend request per pair."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_20_m"
down_revision = "26_11_20_l"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
