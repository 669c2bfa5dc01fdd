"""Say what progress and avatar hold."""

from zeeguu_gamify.migrations.step import way_down, way_up

revision = "26_11_20_h"
down_revision = "26_11_20_g"


def upgrade() -> None:
    way_up(revision)


def downgrade() -> None:
    way_down(revision)
