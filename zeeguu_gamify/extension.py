"""Gamify: mounts the product on a Flask app. Reads like a table of contents; owns no logic."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy.orm import Session

from zeeguu_gamify import after, listeners
from zeeguu_gamify.admin.mounting import mount_panel
from zeeguu_gamify.badges.catalog import Catalog
from zeeguu_gamify.badges.composites import CompositeConsumer
from zeeguu_gamify.badges.default_catalog import DEFAULT_CATALOG
from zeeguu_gamify.badges.loading import load_live
from zeeguu_gamify.badges.progress import ProgressSubscriber
from zeeguu_gamify.badges.snapshot import SnapshotField
from zeeguu_gamify.boot import check_mounting, check_routes, reserved_usernames
from zeeguu_gamify.cli.main import gamify
from zeeguu_gamify.components.blueprint import blueprint as components
from zeeguu_gamify.config import Config
from zeeguu_gamify.delivery.announce import AnnounceSubscriber
from zeeguu_gamify.delivery.hub import Hub
from zeeguu_gamify.delivery.live import LiveConsumer, LiveSubscriber
from zeeguu_gamify.delivery.outbox import Consumer
from zeeguu_gamify.delivery.publisher import Publisher
from zeeguu_gamify.delivery.redis_link import link_to_redis
from zeeguu_gamify.delivery.webhooks.fan_out import WebhookConsumer, WebhookSubscriber
from zeeguu_gamify.economy.badge_pay import BadgePayConsumer
from zeeguu_gamify.economy.boosts import Boost
from zeeguu_gamify.economy.exp import ExpSubscriber
from zeeguu_gamify.economy.level_up import LevelSubscriber
from zeeguu_gamify.economy.levels import DEFAULT_LEVELS, Levels
from zeeguu_gamify.endpoints import blueprints
from zeeguu_gamify.endpoints.wrappers import default_cross_domain, default_requires_session
from zeeguu_gamify.events import EventType, ToEvent, dictionary
from zeeguu_gamify.goals.counting import GoalSubscriber
from zeeguu_gamify.goals.definition import DailyGoal, by_event, check_goals
from zeeguu_gamify.host import Host, HostMap
from zeeguu_gamify.inbox.consumer import InboxConsumer
from zeeguu_gamify.inbox.revoked import InboxSubscriber
from zeeguu_gamify.ingestion.consumer import EventConsumer
from zeeguu_gamify.known_zones import KnownZones
from zeeguu_gamify.leaderboards.boards import SeasonPrize
from zeeguu_gamify.leaderboards.projection import BoardConsumer
from zeeguu_gamify.mount import EXTENSION_KEY, KnownRows, Mount, ViewDecorator
from zeeguu_gamify.rate_limits import RateLimits
from zeeguu_gamify.receipts import ReceiptSubscriber
from zeeguu_gamify.shadow.subscriber import ShadowSubscriber
from zeeguu_gamify.streaks.host_owned import both_streaks
from zeeguu_gamify.streaks.subscriber import StreakSubscriber
from zeeguu_gamify.tasks import TaskSender
from zeeguu_gamify.texts import SHIPPED, Texts

if TYPE_CHECKING:
    from celery import Celery

log = logging.getLogger("zeeguu_gamify")


#: Who hears of an event, in this order; receipts may say that it was counted before, and then
#: nobody after them hears of it.
SUBSCRIBERS = (
    InboxSubscriber(), ReceiptSubscriber(), ExpSubscriber(), ProgressSubscriber(),
    StreakSubscriber(), AnnounceSubscriber(), GoalSubscriber(), LevelSubscriber(),
    WebhookSubscriber(), LiveSubscriber(),
)  # fmt: skip
#: The same in shadow mode.
SHADOW = (ReceiptSubscriber(), ShadowSubscriber(both_streaks))
#: Who acts on what the outbox holds, in this order.
CONSUMERS: tuple[Consumer, ...] = (
    EventConsumer(), CompositeConsumer(), BadgePayConsumer(), BoardConsumer(), WebhookConsumer(),
    InboxConsumer(), LiveConsumer(),
)  # fmt: skip


class Gamify:
    """The extension: `Gamify(app, db)`, or `Gamify()` and later `init_app(app, db)`."""

    def __init__(self, app: Flask | None = None, db: Any = None, **overrides: Any) -> None:
        """Mount at once when `app` and `db` are given; see `init_app` for the overrides."""
        self._after: dict[str, list[ToEvent]] = {}
        if app is not None:
            self.init_app(app, db, **overrides)

    def init_app(
        self,
        app: Flask,
        db: Any,
        *,
        catalog: Catalog = DEFAULT_CATALOG,
        events: Iterable[EventType] = (),
        host_map: HostMap | None = None,
        requires_session: ViewDecorator = default_requires_session,
        cross_domain: ViewDecorator = default_cross_domain,
        is_enabled_for: Callable[[int], bool] = lambda _user_id: True,
        create_user: Callable[[Session, str, str], int] | None = None,
        username_ok: Callable[[str], bool] = lambda _username: True,
        daily_goals: Sequence[DailyGoal] = (),
        translations: Path | None = None,
        language_of: Callable[[int], str | None] = lambda _user_id: None,
        url_prefix: str | None = None,
        snapshot_fields: Mapping[str, SnapshotField] | None = None,
        levels: Levels = DEFAULT_LEVELS,
        boosts: Sequence[Boost] = (),
        prizes: Sequence[SeasonPrize] = (),
        celery: Celery | None = None,
    ) -> None:
        """Mount on `app`, whose Flask-SQLAlchemy object is `db`. Touches no database.

        catalog: the badges; the default has production's seven families.
        events: more lines for the event dictionary.
        host_map: where the host's tables differ from Zeeguu's.
        requires_session, cross_domain: the host's own decorators.
        is_enabled_for: user id → whether gamification is on for that user.
        create_user: (session, username, zone name) → new user id; `flask gamify replay` needs it.
        username_ok: username → whether the host's own policy allows it.
        daily_goals: what users may reach each day; there are none by default.
        translations: directory of gettext catalogs that come before ours (docs/badges.md).
        language_of: user id → language of the answers; None takes what the client asks for.
        url_prefix: put before all our routes.
        snapshot_fields: name → SQL for a whole number that badge tests may read, given the column
            of the user's id: `lambda user_id: select(func.count()).where(…).scalar_subquery()`.
        levels: with how many EXP each begins, and the coins that it gives.
        boosts: times in which EXP count for more.
        prizes: what seasons win besides the medals.
        celery: the host's Celery app, whose workers then deliver what a commit owes.

        Raises ConfigError for a second mounting, a wrong setting or an unsound catalog.
        """
        check_mounting(app, db)
        dictionary_ = dictionary(events)
        fields = dict(snapshot_fields or {})
        catalog.check(dictionary_, fields)
        check_goals(daily_goals, dictionary_)
        levels.check()
        for boost in boosts:
            boost.check()
        for prize in prizes:
            prize.check()
        config = Config.from_mapping(app.config)
        redis = link_to_redis(config)
        app.extensions[EXTENSION_KEY] = mount = Mount(
            config=config,
            db=db,
            host=Host(host_map or HostMap(), db.metadata),
            catalog=catalog,
            events=dictionary_,
            subscribers=SHADOW if config.shadow else SUBSCRIBERS,
            consumers=CONSUMERS,
            load_live=load_live,
            requires_session=requires_session,
            cross_domain=cross_domain,
            is_enabled_for=is_enabled_for,
            create_user=create_user,
            username_ok=username_ok,
            reserved_usernames=partial(reserved_usernames, app),
            known=KnownRows(config.known_rows),
            after=self._after,
            zones=KnownZones(config.known_rows),
            daily_goals=tuple(daily_goals),
            goals_by_event=by_event(daily_goals),
            texts=Texts(
                config.source_language, (translations, SHIPPED) if translations else (SHIPPED,)
            ),
            language_of=language_of,
            snapshot_fields=fields,
            levels=levels,
            boosts=tuple(boosts),
            prizes=tuple(prizes),
            hub=Hub(config.stream_limit, redis),
            redis=redis,
            rate_limits=RateLimits(config.rate_limits, redis),
        )
        if config.publisher and not config.shadow:
            mount.publisher = TaskSender(app, mount, celery) if celery else Publisher(app, mount)
        if not config.shadow:
            for blueprint in (*blueprints(config), components):
                app.register_blueprint(blueprint, url_prefix=url_prefix)
            if config.admin:
                mount_panel(app, url_prefix)
            check_routes(app)
        listeners.connect()
        after.watch(app)
        app.cli.add_command(gamify)
        for event, count in catalog.triggers(dictionary_).items():
            log.info("%s badges listen to %s", count, event)

    def after(self, endpoint: str, to_event: ToEvent) -> None:
        """After each 2xx answer of the host's `endpoint`, emit what `to_event(response)` returns.

        `to_event` runs in the request and returns an `Event`, several, or None. They are emitted
        in a session of their own, which is committed; an error is logged, never shown.
        """
        self._after.setdefault(endpoint, []).append(to_event)
