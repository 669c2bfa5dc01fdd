"""The job of seasons: opens those that begin, closes those that are over, and gives the prizes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from zeeguu_gamify.badges import granter
from zeeguu_gamify.badges.granter import Cause
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.batch import Batch, Step, Work
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.delivery.topics import SEASON_SETTLED, season_settled
from zeeguu_gamify.events import Event, emit_batch
from zeeguu_gamify.leaderboards import prizes, seasons
from zeeguu_gamify.leaderboards.boards import SeasonPrize
from zeeguu_gamify.leaderboards.prizes import Prizes, Won
from zeeguu_gamify.leaderboards.seasons import Places
from zeeguu_gamify.models import SeasonState
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import begin_at_once

log = logging.getLogger("zeeguu_gamify.boards")

#: Prizes given in one transaction.
PRIZES = 50
#: What entries say that coins and EXP are for, and the source of their events.
WON, SOURCE = "season.won", "seasons"


def close_seasons(_connection: Connection, mount: Mount, at: datetime) -> Step:
    """Open and close what there is to open and to close at `at`."""
    return _Closing(mount, at).step


class _Closing:
    """One run of the job. It keeps nothing that another run could not find in the tables."""

    def __init__(self, mount: Mount, at: datetime) -> None:
        self._mount, self._at = mount, at
        self._places: dict[int, Places] = {}

    def step(self, work: Work, cursor: int) -> Batch:
        """One transaction; the cursor only counts them."""
        begin_at_once(work.session)
        opened = seasons.open_current(work.session, self._at)
        due = seasons.due(work.session, self._at)
        if work.dry_run:  # what is taken back leads no further
            return Batch(None, {"seasons opened": opened, "seasons to close": len(due)})
        if opened:
            return Batch(cursor + 1, {"seasons opened": opened})
        if not due:
            return Batch(None)
        return Batch(cursor + 1, self._advance(work.session, due[0].id))

    def _advance(self, session: Session, season_id: int) -> Mapping[str, int]:
        """The next step of closing a season, and how many of what it did."""
        season = seasons.locked(session, season_id)
        if season.state is SeasonState.OPEN:
            seasons.move_on(session, season, SeasonState.CLOSING)
            return {}
        if season.state is SeasonState.SETTLED:  # by another process, in this moment
            return {}
        if frozen := seasons.freeze(session, season):
            return {"scores frozen": frozen}
        if placed := self._places_of(session, season).give(session):
            return {"places given": placed}
        if won := prizes.not_given(session, season.id, PRIZES):
            return {"prizes given": self._give_all(session, season, won)}
        seasons.move_on(session, season, SeasonState.SETTLED, settled_at=self._at)
        put(session, self._mount, SEASON_SETTLED, season_settled(season.id), user_id=None)
        log.info("season %s is settled", seasons.key_of(season))
        return {"seasons settled": 1}

    def _places_of(self, session: Session, season: Any) -> Places:
        if season.id not in self._places:
            won = self._prizes_of(season)
            self._places[season.id] = Places(session, season, won, self._badges())
        return self._places[season.id]

    def _prizes_of(self, season: Any) -> Prizes:
        return Prizes(season.board, season.period, self._mount.prizes)

    def _badges(self) -> dict[str, LiveBadge]:
        live = self._mount.live.by_id.values()
        return {badge.code: badge for badge in live if badge.is_grantable}

    def _give_all(self, session: Session, season: Any, winners: Iterable[Won]) -> int:
        """Give the prizes: claimed, granted and paid in one transaction; how many."""
        key, of_season = seasons.key_of(season), self._prizes_of(season)
        claimed = (
            (won, of_season.of(won))
            for won in winners
            if prizes.claim(session, season.id, won.user_id, self._at)
        )
        given = [(won, prize) for won, prize in claimed if prize]  # others were taken away since
        for won, prize in given:
            self._grant(session, key, won, prize)
        if pays := sorted(
            (one for won, prize in given for one in _pays(key, won, prize)),
            key=lambda event: event.user_id,
        ):
            emit_batch(session, pays)
        return len(given)

    def _grant(self, session: Session, key: str, won: Won, prize: SeasonPrize) -> None:
        badge = self._badges().get(prize.badge or "")
        if badge is not None:  # in the catalog still
            details = {"season": key, "place": won.place, "score": won.score}
            cause = Cause(SEASON_SETTLED, won.score, self._at, context=key, details=details)
            granter.grant(session, self._mount, won.user_id, [(badge, cause)])


def _pays(key: str, won: Won, prize: SeasonPrize) -> Iterator[Event]:
    """Told once per user and season, whoever gives the prize again."""
    for name, amount in (("coins.gained", prize.coins), ("exp.gained", prize.exp)):
        if amount:
            yield Event(
                name=name,
                user_id=won.user_id,
                amount=amount,
                event_id=f"{key}:{name}:{won.user_id}",
                source=SOURCE,
                context={"cause": WON},
            )
