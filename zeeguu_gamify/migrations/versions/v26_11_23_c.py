"""Create webhook_endpoint and webhook_delivery."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_23_c"
down_revision = "26_11_23_b"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
