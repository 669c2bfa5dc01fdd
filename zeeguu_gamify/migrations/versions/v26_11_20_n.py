"""Delete friends and avatar with their user."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_20_n"
down_revision = "26_11_20_m"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
