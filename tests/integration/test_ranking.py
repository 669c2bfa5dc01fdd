"""What a ranking answers, whoever gives the answers: one behaviour, SQL's and Redis' alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from tests.hosts import MakeHost, engine_of, mount_on
from tests.integration.boards import MONDAY, WEEK, copy_to_redis, put_scores, session_of, settle
from tests.servers import SECONDS, RedisServer
from zeeguu_gamify.leaderboards.ranking import Entry, Ranking
from zeeguu_gamify.leaderboards.ranking_redis import NoCopy, RedisRanking
from zeeguu_gamify.leaderboards.ranking_sql import SqlRanking
from zeeguu_gamify.models import Period
from zeeguu_gamify.testing import statements

#: In order: 7 and 6 share a rank, and so do the three who follow; 9 and 8 are on no board.
SCORES = {1: 10, 2: 20, 3: 20, 4: 20, 5: 5, 6: 50, 7: 50, 8: 0, 9: -3}
ORDER = [
    Entry(1, 7, 50), Entry(1, 6, 50), Entry(3, 4, 20), Entry(3, 3, 20), Entry(3, 2, 20),
    Entry(6, 1, 10), Entry(7, 5, 5),
]  # fmt: skip

#: Makes the ranking of a board with these scores.
Rank = Callable[[Mapping[int, int]], Ranking]


@pytest.fixture
def app(new_host: MakeHost, redis_server: RedisServer) -> Flask:
    """A host with users and a Redis."""
    made = new_host(
        config={"GAMIFY_REDIS_URL": redis_server.url(), "GAMIFY_REDIS_TIMEOUT": SECONDS}
    )
    settle(made, 20)
    return made


@pytest.fixture(params=["sql", "redis"])
def rank(request: pytest.FixtureRequest, app: Flask) -> Iterator[Rank]:
    """Each of the two rankings."""
    with session_of(app) as session:

        def make(scores: Mapping[int, int]) -> Ranking:
            put_scores(app, scores)
            copy_to_redis(app, scores)
            link = mount_on(app).redis
            assert link is not None
            return SqlRanking(session) if request.param == "sql" else RedisRanking(link)

        yield make


def test_the_top_is_in_order_and_equals_share_a_rank(rank: Rank) -> None:
    ranking = rank(SCORES)
    assert ranking.top(WEEK, 100) == ORDER
    assert ranking.top(WEEK, 3) == ORDER[:3]
    assert ranking.count(WEEK) == len(ORDER)


@pytest.mark.core
def test_pages_put_together_are_the_whole_board(rank: Rank) -> None:
    ranking = rank(SCORES)
    for size in (1, 2, 3, 7):
        after, seen = None, list[Entry]()
        while page := ranking.page(WEEK, after, size):
            assert len(page) <= size
            seen += page
            after = (page[-1].score, page[-1].user_id)
        assert seen == ORDER


def test_a_page_goes_on_behind_a_place_where_nobody_stands_any_more(rank: Rank) -> None:
    ranking = rank(SCORES)
    for after, first in (
        ((50, 8), 0), ((50, 7), 1), ((60, 1), 0), ((50, 1), 2), ((21, 99), 2), ((20, 5), 2),
        ((20, 3), 4), ((20, 1), 5), ((19, 4), 5), ((10, 1), 6), ((6, 2), 6), ((5, 5), 7),
        ((1, 1), 7), ((0, 1), 7),
    ):  # fmt: skip
        assert ranking.page(WEEK, after, 100) == ORDER[first:], after


@pytest.mark.core
def test_who_looks_around_sees_the_neighbours(rank: Rank) -> None:
    ranking = rank(SCORES)
    assert ranking.around(WEEK, 3, 2) == ORDER[1:6]
    assert ranking.around(WEEK, 7, 2) == ORDER[:3]
    assert ranking.around(WEEK, 5, 1) == ORDER[5:]
    assert ranking.around(WEEK, 2, 100) == ORDER
    assert ranking.around(WEEK, 2, 0) == [Entry(3, 2, 20)]


def test_who_has_no_points_is_on_no_board(rank: Rank) -> None:
    ranking = rank(SCORES)
    for nobody in (8, 9, 10):
        assert ranking.rank(WEEK, nobody) is None
        assert ranking.around(WEEK, nobody, 3) == []
        assert ranking.ranks(WEEK, [nobody]) == []


def test_everybody_has_the_rank_that_the_board_shows(rank: Rank) -> None:
    ranking = rank(SCORES)
    assert [ranking.rank(WEEK, entry.user_id) for entry in ORDER] == ORDER


def test_some_are_ranked_among_themselves(rank: Rank) -> None:
    ranking = rank(SCORES)
    among = [Entry(1, 4, 20), Entry(1, 2, 20), Entry(3, 1, 10)]
    assert ranking.ranks(WEEK, [1, 2, 4, 8, 15, 999]) == among
    assert ranking.ranks(WEEK, []) == []


def test_a_board_on_which_nobody_stands_is_empty(rank: Rank) -> None:
    ranking = rank({})
    assert ranking.top(WEEK, 10) == []
    assert ranking.page(WEEK, (5, 5), 10) == []
    assert ranking.rank(WEEK, 1) is None
    assert ranking.count(WEEK) == 0


def test_scores_may_be_as_large_as_the_column(rank: Rank) -> None:
    most = 2**31 - 1
    ranking = rank({1: most, 2: most - 1, 3: most})
    assert ranking.top(WEEK, 9) == [Entry(1, 3, most), Entry(1, 1, most), Entry(3, 2, most - 1)]


def test_users_who_are_not_listed_are_not_ranked(app: Flask) -> None:
    put_scores(app, {1: 10, 2: 20})
    put_scores(app, {3: 30, 4: 15}, listed=False)
    with session_of(app) as session:
        assert SqlRanking(session).top(WEEK, 9) == [Entry(1, 2, 20), Entry(2, 1, 10)]


def test_every_list_is_one_of_its_own(app: Flask) -> None:
    lists = [
        WEEK, replace(WEEK, language_id=4), replace(WEEK, board="other"),
        replace(WEEK, starts=MONDAY - timedelta(days=7)), replace(WEEK, period=Period.DAY),
    ]  # fmt: skip
    for number, key in enumerate(lists, start=1):
        put_scores(app, {number: 10}, key)
    with session_of(app) as session:
        for number, key in enumerate(lists, start=1):
            assert SqlRanking(session).top(key, 9) == [Entry(1, number, 10)]


def test_redis_without_a_whole_copy_is_not_taken_for_an_empty_board(
    app: Flask, redis_server: RedisServer
) -> None:
    link = mount_on(app).redis
    assert link is not None
    ranking = RedisRanking(link)
    copy_to_redis(app, {1: 10})
    link.do(lambda redis: redis.flushdb())
    for ask in (
        lambda: ranking.top(WEEK, 3), lambda: ranking.page(WEEK, (9, 9), 3),
        lambda: ranking.rank(WEEK, 1), lambda: ranking.ranks(WEEK, [1]),
        lambda: ranking.count(WEEK),
    ):  # fmt: skip
        with pytest.raises(NoCopy):
            ask()


def test_an_answer_costs_as_many_selects_however_long_it_is(app: Flask) -> None:
    put_scores(app, SCORES)
    asked: list[tuple[int, Callable[[Ranking], object]]] = [
        (1, lambda ranking: ranking.top(WEEK, 3)),
        (1, lambda ranking: ranking.page(WEEK, (50, 6), 3)),
        (2, lambda ranking: ranking.rank(WEEK, 3)),
        (3, lambda ranking: ranking.around(WEEK, 3, 2)),
        (1, lambda ranking: ranking.ranks(WEEK, range(1, 10))),
        (1, lambda ranking: ranking.count(WEEK)),
    ]
    for selects, ask in asked:
        with session_of(app) as session, statements(engine_of(app)) as ran:
            ask(SqlRanking(session))
        assert len(ran) == selects
