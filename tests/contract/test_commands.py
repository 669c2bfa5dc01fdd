"""`flask gamify doctor` and `catalog …`: what they print, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select, text

from tests.contract.hosts import World
from tests.servers import Server
from zeeguu_gamify import Catalog, HostMap, one_off
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.models import Badge

NOWHERE = "sqlite:////no/such/directory/host.db"
WINNER = one_off(
    "winner", name="Winner", trigger="quiz.completed", unachieved="Finish a quiz.", achieved="Done."
)


def run(world: World, command: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["gamify", *command.split()])


def lines(world: World, command: str) -> list[str]:
    result = run(world, command)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def read_json(world: World, command: str, exit_code: int = 0) -> list[dict[str, Any]]:
    result = run(world, f"{command} --json")
    assert result.exit_code == exit_code, result.output
    return list(json.loads(result.output))


def finding(world: World, subject: str, health: str, exit_code: int = 0) -> dict[str, Any]:
    """The one finding of the doctor on `subject` that is as bad as `health`."""
    findings = read_json(world, "doctor", exit_code)
    [found] = [f for f in findings if (f["subject"], f["health"]) == (subject, health)]
    return found


# Doctor


def test_doctor_has_a_green_line_for_each_subject(world: World) -> None:
    printed = lines(world, "doctor")
    assert printed[-1] == "All is well."
    assert all(line.startswith("✓ ") for line in printed[:-1])
    subjects = {line.split(":")[0].removeprefix("✓ ") for line in printed[:-1]}
    assert subjects == {"database", "host", "schema", "catalog"}


def test_doctor_tells_programs_the_same(world: World) -> None:
    findings = read_json(world, "doctor")
    assert all(f.keys() == {"subject", "health", "message", "remedy"} for f in findings)
    assert {f["health"] for f in findings} == {"good"}
    told = [f"✓ {f['subject']}: {f['message']}" for f in findings]
    assert told == lines(world, "doctor")[:-1]


def test_doctor_leads_from_an_empty_database_to_a_green_one(
    build: Callable[..., World], database_url: str
) -> None:
    world = build(database_url, prepared=False, catalog=Catalog([*FAMILIES, WINNER]))
    assert finding(world, "schema", "bad", 1)["remedy"] == "flask gamify db upgrade"
    assert run(world, "db upgrade").exit_code == 0
    bad = [f for f in read_json(world, "doctor", 1) if f["health"] == "bad"]
    assert {(f["subject"], f["remedy"]) for f in bad} == {("catalog", "flask gamify catalog apply")}
    assert run(world, "catalog apply").exit_code == 0
    assert lines(world, "doctor")[-1] == "All is well."


def test_doctor_counts_what_is_to_mend_and_says_how(build: Callable[..., World]) -> None:
    result = run(build(prepared=False), "doctor")
    assert result.exit_code == 1
    *_, bad, last = result.output.splitlines()
    assert bad.startswith("✗ schema: ")
    assert bad.endswith(" → flask gamify db upgrade")
    assert last == "1 to mend."


def test_doctor_says_that_the_database_does_not_answer(build: Callable[..., World]) -> None:
    world = build(prepared=False)
    broken = build(NOWHERE, answers=False)
    assert finding(broken, "database", "bad", 1)["remedy"] == "check the host's URI"
    assert finding(world, "database", "good", 1)["message"].startswith("sqlite 3.")


def test_doctor_says_that_the_host_has_no_users(build: Callable[..., World]) -> None:
    world = build(host_map=HostMap(tables={"user": "account"}), prepared=False)
    found = finding(world, "host", "bad", 1)
    assert found["message"] == "there is no table account"
    assert "HostMap" in found["remedy"]


def test_doctor_says_which_columns_the_hosts_database_lacks(world: World) -> None:
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE user DROP COLUMN timezone"))
    assert finding(world, "host", "bad", 1)["message"] == (
        "zone: the database has no user.timezone"
    )


def test_doctor_says_what_is_off_and_for_lack_of_what(world: World) -> None:
    assert "✓ host: roles: off, for lack of user.is_admin" in lines(world, "doctor")
    assert "✓ host: names: on" in lines(world, "doctor")


def test_doctor_knows_where_the_zones_come_from(build: Callable[..., World]) -> None:
    world = build(host_map=HostMap(zone_of=lambda _user_id: "Europe/Berlin"))
    assert "✓ host: zone: by HostMap.zone_of" in lines(world, "doctor")


def test_doctor_refuses_a_host_on_which_nobody_can_log_in(build: Callable[..., World]) -> None:
    world = build(host_map=HostMap(groups=frozenset()))
    found = finding(world, "routes", "bad", 1)
    assert "every route of ours answers 404" in found["message"]
    assert found["remedy"] == "Gamify(app, db, requires_session=…)"


def test_doctor_finds_a_page_that_the_host_added_after_mounting(world: World) -> None:
    world.app.add_url_rule("/my_badges", "their_page", lambda: "theirs")
    message = finding(world, "routes", "bad", 1)["message"]
    assert "'their_page'" in message
    assert "'gamify_badges.my_badges'" in message


def test_doctor_warns_of_an_endpoint_that_the_host_does_not_have(sqlite_world: World) -> None:
    sqlite_world.app.add_url_rule("/look_up", "look_up", lambda: "")
    for endpoint in ("look_up", "lookup"):
        sqlite_world.gamify.after(endpoint, lambda _response: None)
    found = finding(sqlite_world, "routes", "warning")
    assert found["message"] == "gamify.after('lookup', …): the host has no such endpoint"
    assert found["remedy"] == "did you mean 'look_up'?"


def test_doctor_warns_of_a_user_whose_name_is_a_page(world: World) -> None:
    world.person("count_unseen")
    world.person("count_me")
    found = finding(world, "usernames", "warning")
    assert "'count_unseen' is also a route" in found["message"]
    assert found["remedy"] == "rename the user"
    assert lines(world, "doctor")[-1] == "Nothing to mend, 1 to look at."


def test_doctor_does_not_say_that_all_is_well_while_no_event_counts(world: World) -> None:
    assert run(world, "pause --reason migration").exit_code == 0
    assert "Nothing to mend, 1 to look at." in lines(world, "doctor")
    assert run(world, "resume").exit_code == 0
    assert "All is well." in lines(world, "doctor")


def test_doctor_warns_of_usernames_that_compare_by_case(
    build: Callable[..., World], mariadb: Server
) -> None:
    world = build(mariadb.new_database())
    assert "usernames" not in {f["subject"] for f in read_json(world, "doctor")}
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(
            text("ALTER TABLE user MODIFY username VARCHAR(50) COLLATE utf8mb4_bin NOT NULL")
        )
    assert "utf8mb4_bin" in finding(world, "usernames", "warning")["message"]


def test_doctor_says_that_a_table_of_the_host_is_in_the_way(
    build: Callable[..., World], mariadb: Server
) -> None:
    world = build(mariadb.new_database(), prepared=False)
    with world.app.app_context(), world.db.engine.begin() as connection:
        for table in ("badge", "badge_category", "user_badge", "user_badge_progress"):
            connection.execute(text(f"CREATE TABLE {table} (id INT, stars INT)"))
    assert (
        "The table badge_category exists without" in finding(world, "schema", "bad", 1)["message"]
    )


def test_doctor_misses_a_table_that_is_lost_though_every_migration_was(world: World) -> None:
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(text("DROP TABLE outbox_message"))
    message = "does not fit: there is no outbox_message"
    assert finding(world, "schema", "bad", 1)["message"] == message


# Catalog


def test_a_plan_of_an_equal_catalog_is_empty(world: World) -> None:
    assert lines(world, "catalog plan") == ["0 to change, 0 orphaned."]
    assert read_json(world, "catalog plan") == []


def test_a_plan_says_what_would_be_added_and_changed(
    build: Callable[..., World], database_url: str
) -> None:
    world = build(database_url)
    world.change_badge("friends_1", threshold=2)
    bigger = build(database_url, prepared=False, catalog=Catalog([*FAMILIES, WINNER]))
    assert lines(bigger, "catalog plan") == [
        "change  friends_1: threshold: 2 → 1",
        "add     ONE:winner: family 'Winner'",
        "add     winner: badge 'Winner' at 1",
        "3 to change, 0 orphaned.",
    ]
    assert read_json(bigger, "catalog plan")[0] == {
        "action": "change",
        "code": "friends_1",
        "detail": "threshold: 2 → 1",
    }


def test_a_plan_names_what_only_the_database_has(
    build: Callable[..., World], database_url: str
) -> None:
    build(database_url, catalog=Catalog([*FAMILIES, WINNER]))
    smaller = build(database_url, prepared=False)
    assert lines(smaller, "catalog plan") == [
        "orphan  winner: not in the code; `catalog apply --deprecate`, or define it again",
        "0 to change, 1 orphaned.",
    ]
    warning = finding(smaller, "catalog", "warning")
    assert warning["message"] == "users see badges that the code does not define: winner"
    assert warning["remedy"] == "flask gamify catalog apply --deprecate, or define them again"


def test_a_host_with_badges_of_its_own_shows_no_others(build: Callable[..., World]) -> None:
    world = build(catalog=Catalog([WINNER]))
    ada = world.person("Ada")
    assert len(ada.get("/my_badges").get_json()) == 8
    message = finding(world, "catalog", "warning")["message"]
    assert message.endswith("translated_words_1, translated_words_2, translated_words_3 … (35)")
    assert lines(world, "catalog apply --deprecate")[-1] == "35 changed, 0 orphaned."
    assert [family["name"] for family in ada.get("/my_badges").get_json()] == ["Winner"]
    assert lines(world, "doctor")[-1] == "All is well."


def test_apply_makes_the_plan_true_and_then_has_nothing_to_do(
    build: Callable[..., World], database_url: str
) -> None:
    world = build(database_url)
    world.change_badge("friends_1", threshold=2)
    assert lines(world, "catalog apply") == [
        "change  friends_1: threshold: 2 → 1",
        "1 changed, 0 orphaned.",
    ]
    assert world.scalar(select(Badge.threshold).where(Badge.code == "friends_1")) == 1
    assert lines(world, "catalog apply") == ["0 changed, 0 orphaned."]


def test_what_apply_changed_is_on_the_pages_at_once(world: World) -> None:
    ada = world.person("Ada")
    world.change_badge("friends_1", threshold=2)
    assert ada.get("/api/v2/badges", family="FRIENDS").get_json()[0]["threshold"] == 2
    run(world, "catalog apply")
    assert ada.get("/api/v2/badges", family="FRIENDS").get_json()[0]["threshold"] == 1


def test_a_dry_run_changes_nothing(world: World) -> None:
    world.change_badge("friends_1", threshold=2)
    assert lines(world, "catalog apply --dry-run")[-1] == "1 to change, 0 orphaned."
    assert world.scalar(select(Badge.threshold).where(Badge.code == "friends_1")) == 2


def test_texts_are_left_alone_unless_asked_for(world: World) -> None:
    world.change_badge("friends_1", name="Our own words", icon_name="ours.svg")
    assert lines(world, "catalog apply")[-1] == "0 changed, 0 orphaned."
    changes = read_json(world, "catalog apply --texts")
    assert [change["detail"].split(":")[0] for change in changes] == ["name", "icon_name"]
    assert world.scalar(select(Badge.name).where(Badge.code == "friends_1")) != "Our own words"


@pytest.mark.parametrize("command", ["catalog plan", "catalog apply", "catalog apply --dry-run"])
def test_a_catalog_without_tables_is_told_to_migrate_first(
    build: Callable[..., World], database_url: str, command: str
) -> None:
    result = run(build(database_url, prepared=False), command)
    assert result.exit_code == 1
    assert result.output == (
        "Error: Migrations are pending; run `flask gamify db upgrade` first.\n"
    )


def test_what_a_column_cannot_hold_is_an_error_and_no_traceback(
    build: Callable[..., World], mariadb: Server
) -> None:
    family = one_off("long", name="N" * 101, trigger="quiz.completed", unachieved="-", achieved="-")
    world = build(mariadb.new_database(), prepared=False, catalog=Catalog([*FAMILIES, family]))
    assert run(world, "db upgrade").exit_code == 0
    result = run(world, "catalog apply")
    assert result.exit_code == 1
    assert "Error: The database says: (1406, \"Data too long for column 'name'" in result.output


def test_a_database_that_does_not_answer_is_an_error_and_no_traceback(
    build: Callable[..., World],
) -> None:
    broken = build(NOWHERE, answers=False)
    result = run(broken, "catalog plan")
    assert (result.exit_code, result.output) == (
        1,
        "Error: The database says: unable to open database file\n",
    )


def test_lint_counts_the_badges_of_each_event_and_names_the_events_without(world: World) -> None:
    printed = [line.split(maxsplit=1) for line in lines(world, "catalog lint")]
    assert ["5", "word.translated"] in printed
    assert ["-", "quiz.completed (no badge listens)"] in printed
    assert printed[-1] == ["The", "catalog is sound."]


def test_lint_needs_no_database(build: Callable[..., World]) -> None:
    broken = build(NOWHERE, answers=False)
    assert lines(broken, "catalog lint")[-1] == "The catalog is sound."


@pytest.mark.parametrize(
    "command",
    [
        "accounts erase 99999999999999999999", "accounts merge 1 99999999999999999999",
        "clients rotate arena --hours nan", "clients rotate arena --hours -1",
        "inbox 1 --limit -1", "inbox 1 --limit 99999999999999999999",
        "rewards refund 99999999999999999999",
        "seasons show 99999999999999999999", "seasons show 1 --limit -1",
        "amnesty undo 99999999999999999999", "webhooks log --limit -1",
        "webhooks log --endpoint 99999999999999999999", "webhooks replay 99999999999999999999",
        "webhooks rotate 1 --hours 1e30", "webhooks enable 0", "usernames backfill --batch 0",
        "replay /dev/null --batch 0",
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_meant_is_refused_by_the_command(
    sqlite_world: World, command: str
) -> None:
    result = run(sqlite_world, command)
    assert result.exit_code == 2
    assert "Invalid value for" in result.output


def test_an_amnesty_is_declared_from_outside_of_an_app_context(sqlite_world: World) -> None:
    outage = "--from 2026-11-01T00:00 --to 2026-11-01T01:00 --reason down --dry-run"
    assert "(dry run): 0 users" in lines(sqlite_world, f"amnesty {outage}")[-1]


def test_a_number_that_no_user_can_have_is_an_unknown_user(sqlite_world: World) -> None:
    for number in ("9" * 20, "9" * 5000):
        result = run(sqlite_world, f"explain {number}")
        assert (result.exit_code, result.output) == (1, f"Error: Unknown user: '{number}'\n")


def test_the_scheduler_says_that_it_runs(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Any] = []
    monkeypatch.setattr("zeeguu_gamify.cli.jobs.serve", served.append)
    assert "until SIGTERM or Ctrl-C" in lines(sqlite_world, "scheduler")[0]
    assert served == [sqlite_world.app]
