"""Allow one active friendship per pair."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_20_l"
down_revision = "26_11_20_k"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
