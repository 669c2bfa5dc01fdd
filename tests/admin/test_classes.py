"""The pages of classes: for the teachers of a class, who see nothing else, and for admins."""

from __future__ import annotations

import pytest

from tests.activity_rows import act
from tests.admin.conftest import NewWorld
from tests.admin.people import ROOT, PanelClient, enter, words
from tests.admin.test_access import PAGES
from tests.admin.test_pages import SCRIPT, column, rows
from tests.contract.hosts import NOW, Person, World
from tests.contract.test_leaderboards_activity import CLASS, enrol, with_class
from zeeguu_gamify.admin.access import COOKIE
from zeeguu_gamify.host import Group, HostMap
from zeeguu_gamify.testing import statements

PATH = f"classes/{CLASS}"


@pytest.fixture
def school(new_panel: NewWorld, database_url: str) -> World:
    """A class of Ada and Bob, taught by Vera."""
    world = with_class(new_panel(database_url, languages=True))
    vera, ada, bob = (world.person(name) for name in ("Vera", "Ada", "Bob"))
    enrol(world, ada, bob, teacher=vera)
    world.hold(ada, "friends_1")
    act(world, ada, "reading_time", NOW, 90_000)
    return world


def as_teacher(world: World, name: str = "Vera") -> PanelClient:
    return PanelClient(world, f"uuid-of-{name.lower()}")


def test_a_teacher_sees_how_the_students_of_the_class_get_on(school: World) -> None:
    panel = as_teacher(school)
    assert [(row["Class"], row["Students"]) for row in rows(panel, "classes")] == [
        ("German for all", "2")
    ]
    found = {row["Student"]: row for row in rows(panel, PATH)}
    assert list(found) == ["Ada", "Bob"]
    assert (found["Ada"]["Badges"], found["Ada"]["Last practice"]) == ("1", "never")
    assert found["Ada"]["Reading time this week (minutes)"] == "1.5"
    page = panel.page(PATH)
    assert "German for all" in page
    assert "/users" not in page
    assert "@example.org" not in page


def test_a_teacher_who_is_no_admin_sees_nothing_else(school: World) -> None:
    panel = as_teacher(school)
    nowhere = panel.get("/nowhere").text
    for page in PAGES:
        if page and not page.startswith(("static", "classes")):
            answer = panel.get(page)
            assert (answer.status_code, answer.text) == (404, nowhere), page
    assert panel.post("change/events.pause").status_code == 404
    menu = panel.page("classes")
    assert "Audit log" not in menu
    assert "Search badges" not in menu
    with panel.get("static/panel.css") as style:
        assert style.status_code == 200


def test_a_teacher_at_the_front_door_is_led_to_the_classes(school: World) -> None:
    panel = PanelClient(school)
    answer = panel.get(session="uuid-of-vera")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/gamify/admin/classes")
    assert answer.headers["Set-Cookie"].startswith(COOKIE)
    assert "German for all" in panel.page(answer.headers["Location"])
    again = panel.get()
    assert (again.status_code, again.headers["Location"]) == (302, "/gamify/admin/classes")


def test_a_teacher_who_comes_by_a_link_of_another_site_gets_to_the_classes(school: World) -> None:
    answer = school.app.test_client().get(
        ROOT, query_string={"session": "uuid-of-vera"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.headers["Refresh"] == "0; url=/gamify/admin/classes"


def test_who_teaches_nobody_finds_no_front_door(school: World) -> None:
    for name in ("Ada", "Zoe"):
        if name == "Zoe":
            school.person(name)
        answer = PanelClient(school).get(session=f"uuid-of-{name.lower()}")
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (404, False)


def test_a_teacher_of_another_class_sees_nothing_of_this_one(school: World) -> None:
    other = school.add(school.tables["cohort"], {"id": 8, "name": "Danish"})
    eva = school.person("Eva")
    school.add(school.tables["teacher_cohort_map"], {"user_id": eva.id, "cohort_id": other})
    panel = as_teacher(school, "Eva")
    assert column(panel, "classes", "Class") == ["Danish"]
    assert "Nobody is in this class yet." in words(panel.page("classes/8"))
    for path in (PATH, f"{PATH}.csv", "classes/99"):
        answer = panel.get(path)
        assert answer.status_code == 404
        assert "Ada" not in answer.text


@pytest.mark.parametrize("name", ["Ada", "Zoe"])
def test_students_and_others_see_no_class(school: World, name: str) -> None:
    if name == "Zoe":
        school.person(name)
    panel = as_teacher(school, name)
    for path in ("classes", PATH, "classes.csv", f"{PATH}.csv"):
        assert panel.get(path).status_code == 404


def test_an_admin_sees_every_class_and_the_way_to_it(school: World) -> None:
    panel = enter(school)
    assert column(panel, "classes", "Class") == ["German for all"]
    assert column(panel, PATH, "Student") == ["Ada", "Bob"]
    assert 'href="/gamify/admin/users?q=Ada"' in panel.page(PATH)
    assert ">Classes</a>" in panel.page()


def test_a_teacher_leaves(school: World) -> None:
    panel = as_teacher(school)
    page = panel.page("classes")
    token = page.split('name="csrf"')[1].split('value="')[1].split('"')[0]
    assert panel.post("leave", csrf=token).status_code == 302
    assert panel.get("classes").status_code == 401


def test_names_of_students_and_classes_stay_text(school: World) -> None:
    villain: Person = school.person(SCRIPT)
    formula = school.person("=1+1")
    enrol(school, villain, formula)
    panel = as_teacher(school)
    assert SCRIPT not in panel.page(PATH)
    assert "'=1+1" in column(panel, PATH, "Student")


@pytest.mark.core
def test_a_class_costs_the_same_whatever_the_number_of_students(school: World) -> None:
    panel = as_teacher(school)

    def cost() -> int:
        panel.page(PATH)
        with school.app.app_context(), statements(school.db.engine) as ran:
            panel.page(PATH)
        return len(ran)

    few = cost()
    enrol(school, *(school.person(f"user{number}") for number in range(70)))
    assert cost() == few
    assert "Next page" in panel.page(PATH)


def test_where_there_are_no_classes_there_are_no_pages_of_them(new_panel: NewWorld) -> None:
    world = new_panel(host_map=HostMap(groups=frozenset({Group.SESSION, Group.NAMES, Group.ROLES})))
    panel = enter(world)
    assert panel.get("classes").status_code == 404
    assert ">Classes</a>" not in panel.page()
