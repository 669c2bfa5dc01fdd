"""A change asks, says what it will do, wants a reason, and is done and recorded, or neither."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import g
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange

from tests.admin.conftest import NewWorld
from tests.admin.people import ROOT, PanelClient, enter, field, words
from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify import Catalog, one_off, settings
from zeeguu_gamify.accounts.erase import erase
from zeeguu_gamify.accounts.merge import merge
from zeeguu_gamify.admin import audit, changes
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values
from zeeguu_gamify.admin.forms import PanelForm
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.models import AdminAudit, Setting
from zeeguu_gamify.mount import Mount

NAME = "test.set"


class SetForm(PanelForm):
    name = StringField("Name")
    value = IntegerField("Value", validators=[NumberRange(min=1)])


def old_value(session: Session, name: str) -> str | None:
    return settings.read(session).get(name)


def plan_set(session: Session, _mount: Mount, values: Values) -> Plan:
    if values["name"] == "locked":
        raise BadInput("locked is not to be set")
    old = old_value(session, values["name"])
    return Plan((f"{values['name']} becomes {values['value']}; it is {old}.",), {"settings": 1})


def set_it(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    name, value = values["name"], values["value"]
    old = old_value(session, name)
    settings.write(session, name, str(value))
    if value == 13:
        raise BadInput("13 brings bad luck")
    user_id = int(name) if name.isdigit() else None
    return Done(
        message=f"{name} is {value}.", subject=name, user_id=user_id,
        old={"value": old}, new={"value": value, "at": NOW},
    )  # fmt: skip


@pytest.fixture(autouse=True)
def change(monkeypatch: pytest.MonkeyPatch) -> Change:
    """A change that sets a setting."""
    change = Change(
        name=NAME, title="Set a setting", button="Set it", form=SetForm,
        describe=plan_set, apply=set_it,
    )  # fmt: skip
    monkeypatch.setitem(changes.CHANGES, NAME, change)
    return change


def stored(world: World, name: str = "x") -> str | None:
    value: str | None = world.scalar(select(Setting.value).where(Setting.name == name))
    return value


def lines(world: World) -> list[Any]:
    with world.app.app_context(), world.db.engine.connect() as connection:
        return list(connection.execute(select(AdminAudit.__table__)))


def test_a_change_is_asked_for_explained_done_and_recorded(
    panel_world: World,
) -> None:
    root = panel_world.person("root", is_admin=True)
    panel = PanelClient(panel_world, root.uuid)
    assert "Show what it would do" in words(panel.page(f"change/{NAME}"))

    asked = panel.ask(NAME, name="x", value="5")
    assert "x becomes 5; it is None." in words(asked)
    assert "settings 1" in words(asked)
    assert (stored(panel_world), lines(panel_world)) == (None, [])

    answer = panel.do(NAME, reason="the old one was wrong", name="x", value="5")
    assert stored(panel_world) == "5"
    [line] = lines(panel_world)
    assert (line.actor_id, line.at, line.action) == (root.id, NOW, NAME)
    assert (line.subject, line.reason) == ("x", "the old one was wrong")
    assert (line.old_values, line.new_values) == (
        {"value": None},
        {"value": 5, "at": "2026-11-20 12:00:00"},
    )
    assert answer.headers["Location"] == f"/gamify/admin/audit/{line.id}"


def test_only_what_a_form_is_answered_is_kept_for_back(panel: PanelClient) -> None:
    def kept(**values: str) -> str:
        return panel.post(f"change/{NAME}", **values).headers["Cache-Control"]

    given = {"csrf": panel.token(), "name": "x"}
    assert kept(**given, value="5") == "private, no-cache"
    assert kept(**given, value="many") == "private, no-cache"
    assert kept(**panel.agree(NAME, name="x", value="5"), reason="because") == "no-store"
    assert panel.get(f"change/{NAME}", name="x").headers["Cache-Control"] == "no-store"


def test_the_next_page_says_once_what_was_done(world: World, panel: PanelClient) -> None:
    answer = panel.do(NAME, name="x", value="5")
    then = answer.headers["Location"]
    assert 'role="status">x is 5.' in panel.page(then)
    assert "x is 5." not in panel.page(then)


def test_the_form_is_filled_in_by_the_query_and_nothing_is_done(
    world: World, panel: PanelClient
) -> None:
    page = panel.page(f"change/{NAME}", name="x", value="7")
    assert 'value="x"' in page
    assert 'value="7"' in page
    assert stored(world) is None


@pytest.mark.parametrize("value", ["", "0", "many"])
def test_a_form_that_is_wrong_says_what(panel: PanelClient, value: str) -> None:
    answer = panel.post(f"change/{NAME}", csrf=panel.token(), name="x", value=value)
    assert 'aria-invalid="true"' in answer.text
    assert 'id="value-wrong"' in answer.text


def test_a_change_that_cannot_be_done_says_why_before_it_asks_for_a_reason(
    panel: PanelClient,
) -> None:
    page = panel.ask(NAME, name="locked", value="5")
    assert "locked is not to be set" in words(page)
    assert 'name="agreed"' not in page


@pytest.mark.parametrize("reason", ["", "   ", "x" * 256])
def test_without_a_reason_nothing_is_done(world: World, panel: PanelClient, reason: str) -> None:
    answer = panel.do(NAME, reason=reason, name="x", value="5")
    assert answer.status_code == 200
    assert 'id="reason-wrong"' in answer.text
    assert (stored(world), lines(world)) == (None, [])


def test_what_was_not_agreed_to_is_not_done(world: World, panel: PanelClient) -> None:
    form = panel.agree(NAME, name="x", value="5") | {"reason": "because"}
    with_other_value = panel.post(f"change/{NAME}", **form | {"value": "6"})
    assert "Things have changed meanwhile" in with_other_value.text
    world.add(Setting.__table__, {"name": "x", "value": "1", "updated_at": NOW})
    after_a_change = panel.post(f"change/{NAME}", **form)
    assert "x becomes 5; it is 1." in words(after_a_change.text)
    assert (stored(world), lines(world)) == ("1", [])
    form["agreed"] = field(after_a_change.text, "agreed")
    assert panel.post(f"change/{NAME}", **form).status_code == 302
    assert stored(world) == "5"


def test_what_fails_half_way_is_neither_done_nor_recorded(
    panel_world: World,
) -> None:
    panel = PanelClient(panel_world, panel_world.person("root", is_admin=True).uuid)
    answer = panel.do(NAME, name="x", value="13")
    assert "13 brings bad luck" in words(answer.text)
    assert (stored(panel_world), lines(panel_world)) == (None, [])


def test_a_form_that_is_sent_twice_is_done_once(panel_world: World) -> None:
    panel = PanelClient(panel_world, panel_world.person("root", is_admin=True).uuid)
    form = panel.agree(NAME, name="x", value="5") | {"reason": "because"}
    answers = [panel.post(f"change/{NAME}", **form) for _ in range(2)]
    assert [answer.headers["Location"] for answer in answers] == ["/gamify/admin/audit/1"] * 2
    assert len(lines(panel_world)) == 1


def test_of_a_form_that_is_sent_twice_at_once_one_is_undone(
    panel_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked before either has written; the unique key decides."""
    panel = PanelClient(panel_world, panel_world.person("root", is_admin=True).uuid)
    form = panel.agree(NAME, name="x", value="5") | {"reason": "because"}
    panel.post(f"change/{NAME}", **form)
    form["agreed"] = field(panel.ask(NAME, name="x", value="7"), "agreed")
    found = iter([None, 1])
    monkeypatch.setattr(audit, "line_of", lambda _session, _form_id: next(found))
    answer = panel.post(f"change/{NAME}", **form | {"value": "7"})
    assert answer.headers["Location"] == "/gamify/admin/audit/1"
    assert (stored(panel_world), len(lines(panel_world))) == ("5", 1)


def test_a_form_of_another_session_is_refused(world: World, panel: PanelClient) -> None:
    other = PanelClient(world, world.person("other", is_admin=True).uuid)
    form = panel.agree(NAME, name="x", value="5") | {"reason": "because"}
    del form["csrf"]
    for token in ("", "nonsense", other.token()):
        answer = panel.post(f"change/{NAME}", csrf=token, **form)
        assert "This form is too old, or not of this session" in answer.text
    assert panel.post(f"change/{NAME}", **form).status_code == 200
    assert (stored(world), lines(world)) == (None, [])


def test_after_a_new_session_the_reason_is_still_there_and_the_change_is_agreed_to_anew(
    world: World, panel: PanelClient, root: Person
) -> None:
    form = panel.agree(NAME, name="x", value="5") | {"reason": "because <b>"}
    world.add(world.tables["session"], {"user_id": root.id, "uuid": "new", "last_use": NOW})
    again = PanelClient(world, "new")
    asked = again.post(f"change/{NAME}", **form).text
    assert "This form is too old, or not of this session" in asked
    assert "x becomes 5; it is None." in words(asked)
    assert field(asked, "reason") == "because <b>"
    assert (stored(world), lines(world)) == (None, [])
    form["csrf"] = field(asked, "csrf")
    assert again.post(f"change/{NAME}", **form).status_code == 302
    assert [line.reason for line in lines(world)] == ["because <b>"]
    wrong = again.post(f"change/{NAME}", **form | {"csrf": "", "value": "0"}).text
    assert 'aria-invalid="true"' in wrong


def test_a_form_is_too_old_after_half_a_day(
    world: World, panel: PanelClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = panel.token()
    monkeypatch.setattr("zeeguu_gamify.admin.access.FORM_SECONDS", -1)
    answer = panel.post(f"change/{NAME}", csrf=token, name="x", value="5")
    assert "This form is too old" in answer.text


def test_a_token_does_not_give_the_session_away(root: Person, panel: PanelClient) -> None:
    page = panel.page(f"change/{NAME}")
    assert field(page, "csrf")
    assert root.uuid not in page


def test_where_forms_cannot_be_signed_the_page_says_what_is_missing(world: World) -> None:
    """A host that knows its users by other means than a session in the URL or a cookie."""
    root = world.person("root", is_admin=True)
    client = world.app.test_client()
    world.mount.requires_session = partial(_as, root.id)
    assert "SECRET_KEY" in words(client.get("/gamify/admin/").text)
    world.app.secret_key = "the host's"
    assert client.get("/gamify/admin/").status_code == 200


def test_by_the_key_alone_a_form_is_of_the_admin_who_was_given_it(world: World) -> None:
    world.app.secret_key = "the host's"
    ids = [world.person(name, is_admin=True).id for name in ("root", "other")]
    panel, tokens = PanelClient(world), []
    for id_ in ids:
        world.mount.requires_session = partial(_as, id_)
        tokens.append(panel.token())
    for token, is_refused in zip(tokens, (True, False), strict=True):
        answer = panel.post(f"change/{NAME}", csrf=token, name="x", value="5")
        assert ("not of this session" in answer.text) is is_refused


def _as(user_id: int, view: Callable[..., Any]) -> Callable[..., Any]:
    def run() -> Any:
        g.user_id = user_id
        return view()

    return run


def test_forms_suggest_badges_by_what_they_are_called(new_panel: NewWorld) -> None:
    badge = one_off("two", name="<i>2</i>", trigger="article.read", achieved="", unachieved="")
    panel = enter(new_panel(catalog=Catalog((*FAMILIES, badge))))
    for page in ("change/award.grant", "explain", "rule-change"):
        shown = panel.page(page)
        assert '<option value="friends_1">Better Together</option>' in shown
        assert '<option value="two">&lt;i&gt;2&lt;/i&gt;</option>' in shown


def test_cancel_leads_back_to_where_one_came_from(panel: PanelClient) -> None:
    def cancel(page: str) -> str:
        found = re.search(r'<a href="([^"]*)">Cancel</a>', page)
        assert found, page
        return found[1]

    def come(url: str) -> str:
        answer = panel.client.get(f"{ROOT}change/{NAME}", headers={"Referer": url})
        return cancel(answer.text)

    here = f"{ROOT}users/1/ledger?asset=EXP"
    for path in (here, f"{ROOT}badges/friends_1"):
        assert come(f"http://localhost{path}") == path
    for elsewhere in (
        "", "x", "https://example.org/", "http://localhost/elsewhere", "http://[", "javascript:1",
        f"http://localhost{ROOT}change/{NAME}?name=x", f"http://localhost{ROOT[:-1]}x/y",
        f"http://localhost{ROOT}../../elsewhere",
    ):  # fmt: skip
        assert come(elsewhere) == ROOT, elsewhere
    values = {"csrf": panel.token(), "name": "x", "value": "5"}
    for path, to in ((here, here), ("//example.org/", ROOT)):
        asked = panel.post(f"change/{NAME}", back=path, **values).text
        assert (cancel(asked), field(asked, "back")) == (to, to)


def test_there_is_no_change_of_another_name(panel: PanelClient) -> None:
    assert panel.get("change/nothing").status_code == 404


# --- the changes of the overview ----------------------------------------------------------------


def test_events_are_paused_and_resumed(world: World, panel: PanelClient) -> None:
    assert "stops counting events" in words(panel.page("change/events.pause"))
    answer = panel.do("events.pause", reason="the disk is full")
    page = words(panel.page(answer.headers["Location"]))
    assert "Events are paused." in page
    assert "Events paused the disk is full · Resume" in page
    assert stored(world, settings.PAUSED) == "the disk is full"
    again = panel.get("change/events.pause")
    assert (again.status_code, "paused already" in again.text) == (400, True)
    assert "(the disk is full)" in words(panel.page("change/events.resume"))
    panel.do("events.resume")
    assert stored(world, settings.PAUSED) is None
    assert [line.action for line in lines(world)] == ["events.pause", "events.resume"]
    assert lines(world)[1].old_values == {"paused": "the disk is full"}


# --- the audit log ------------------------------------------------------------------------------


def test_the_log_is_read_the_newest_first_and_line_by_line(
    world: World, panel: PanelClient
) -> None:
    panel.do(NAME, reason="one", name="x", value="1")
    panel.do(NAME, reason="two", name="x", value="2")
    page = words(panel.page("audit"))
    assert page.index("two") < page.index("one")
    assert words(panel.page("audit", action="events.pause")).count("root") == 0
    entry = words(panel.page("audit/2"))
    for said in ("root", "two", '"value": "1"', '"value": 2'):
        assert said in entry
    assert panel.get("audit/99").status_code == 404


def test_the_log_outlives_who_wrote_it_and_goes_with_whom_it_is_about(
    panel_world: World,
) -> None:
    root = panel_world.person("root", is_admin=True)
    ada, ben = panel_world.person("ada"), panel_world.person("ben")
    panel = PanelClient(panel_world, root.uuid)
    for person in (ada, ben):
        panel.do(NAME, name=str(person.id), value="5")
    with panel_world.app.app_context():
        session = panel_world.db.session()
        erase(session, ada.id)
        session.commit()
        assert [line.user_id for line in lines(panel_world)] == [ben.id]
        merge(session, ben.id, root.id)
        session.commit()
        assert [line.user_id for line in lines(panel_world)] == [root.id]
        assert session.execute(select(func.count()).select_from(AdminAudit)).scalar() == 1
