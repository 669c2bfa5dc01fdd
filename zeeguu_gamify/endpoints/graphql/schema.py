"""The GraphQL operations: each answers what its REST route does, by the same functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import strawberry
from flask import g
from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.schema.config import StrawberryConfig

from zeeguu_gamify import clock
from zeeguu_gamify.badges import shelf
from zeeguu_gamify.economy import statement
from zeeguu_gamify.economy.rewards import offers
from zeeguu_gamify.endpoints.blueprint import loaded
from zeeguu_gamify.endpoints.board_pages import board_page
from zeeguu_gamify.endpoints.economy import buy
from zeeguu_gamify.endpoints.graphql import limits, types
from zeeguu_gamify.endpoints.schemas import badges, economy, leaderboards, streaks
from zeeguu_gamify.endpoints.streaks import own_streaks
from zeeguu_gamify.mount import current_mount


class _Operation(FieldExtension):
    """Takes the call from the user's budget; after an error the session is as good as new."""

    def resolve(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        mount = current_mount()
        mount.rate_limits.spend(info.field_name, g.user_id)
        try:
            return next_(source, info, **kwargs)
        except Exception:
            mount.db.session.rollback()
            raise


def _operation(answer: Any) -> Callable[[Callable[..., Any]], Any]:
    """An operation; `answer` may be null, so that one that fails leaves the others' answers."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(
            resolver=resolver,
            graphql_type=answer | None,
            description=inspect.getdoc(resolver),
            extensions=[_Operation()],
        )

    return decorate


@strawberry.type
class Query:
    """What may be asked for."""

    @_operation(types.UserProfile)
    def user_profile(self) -> Any:
        """The EXP, level, coins and freezes of the user."""
        mount = current_mount()
        found = statement.standing(mount.db.session(), mount, g.user_id)
        return economy.GameProfileSchema().dump(found)

    @_operation(list[types.BadgeFamily])
    def badges(self) -> Any:
        """All families with all levels and the user's progress."""
        mount = current_mount()
        found = shelf.own_shelf(mount.db.session(), mount, g.user_id)
        return badges.CategorySchema(many=True).dump(found)

    @_operation(types.BoardPage)
    def leaderboard(
        self,
        board: str = "exp",
        scope: str | None = None,
        language: str | None = None,
        cohort: int | None = None,
        period: str | None = None,
        date: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        around: str | None = None,
    ) -> Any:
        """A part of a board: its top, a page, or the user with the neighbours."""
        asked = {
            "scope": scope, "language": language, "cohort": cohort, "period": period,
            "date": date, "cursor": cursor, "limit": limit, "around": around,
        }  # fmt: skip
        query = loaded(leaderboards.BoardQuery(), _given(asked))
        found = board_page(current_mount(), g.user_id, board, query)
        return leaderboards.BoardPageSchema().dump(found)

    @_operation(types.Rewards)
    def rewards(self) -> Any:
        """What is to be had for coins now, sold out or not."""
        found = offers(current_mount().db.session(), g.user_id, clock.now())
        return economy.RewardsSchema().dump(found)

    @_operation(types.Streaks)
    def streaks(self) -> Any:
        """The daily streak, and the streaks of all languages of the user."""
        return streaks.StreaksSchema().dump(own_streaks(current_mount(), g.user_id))


@strawberry.type
class Mutation:
    """What may be done."""

    @_operation(types.Redemption)
    def redeem_reward(
        self, code: str, idempotency_key: str | None = None, cost: int | None = None
    ) -> Any:
        """Buy a reward; when it is not to be had, or not at this cost, nothing is deducted."""
        asked = {"idempotency_key": idempotency_key, "cost": cost}
        purchase = loaded(economy.PurchaseSchema(), _given(asked))
        return economy.RedemptionSchema().dump(buy(g.user_id, code, purchase))


class _OneOperation(SchemaExtension):
    """Of several operations the request must name one: Strawberry would do the first."""

    def on_validate(self) -> Iterator[None]:
        asked, document = self.execution_context.context, self.execution_context.graphql_document
        definitions = document.definitions if document else ()
        operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
        if len(operations) > 1 and not asked.get("operationName"):
            error = GraphQLError("operationName: the request has several, and names none.")
            self.execution_context.pre_execution_errors = [error]
        yield


class Schema(strawberry.Schema):
    """Strawberry's, which leaves it to the view to tell what went wrong."""

    def process_errors(self, *_args: Any, **_kwargs: Any) -> None:
        """Do not log each error of a client with its traceback."""


@lru_cache(maxsize=2)
def schema(*, introspection: bool) -> Schema:
    """The schema; without introspection, wrong names are not answered with the right ones."""
    return Schema(
        Query,
        Mutation,
        extensions=[_OneOperation, *limits.extensions(introspection=introspection)],
        config=StrawberryConfig(
            default_resolver=lambda dumped, name: dumped[name],
            scalar_map=types.SCALARS,
            disable_field_suggestions=not introspection,
        ),
    )


def _given(arguments: dict[str, Any]) -> dict[str, Any]:
    """In GraphQL null is the same as to say nothing."""
    return {name: value for name, value in arguments.items() if value is not None}
