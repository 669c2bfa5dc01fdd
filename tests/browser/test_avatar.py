"""<gamify-avatar> in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.site import Site
from tests.browser.windows import Windows
from zeeguu_gamify.avatars import IMAGE_NAMES

MODULES = ("/gamify/components/avatar.js",)


def test_an_animal_is_drawn_in_the_colours_of_its_owner(page: Page, site: Site) -> None:
    owl = '<gamify-avatar label="Ada" image-name="owl" character-color="#6367FF"></gamify-avatar>'
    page.goto(site.page(owl, modules=MODULES))
    drawn = page.get_by_role("img", name="Ada").locator(".coat").first
    expect(drawn).to_have_css("fill", "rgb(99, 103, 255)")
    axe(page)


@pytest.mark.parametrize("attributes", ["", 'image-name="../owl" character-color="red;x:y"'])
def test_what_is_not_known_is_the_default(page: Page, site: Site, attributes: str) -> None:
    with page.expect_response("**/art/avatars/elephant.svg"):
        page.goto(site.page(f"<gamify-avatar {attributes}></gamify-avatar>", modules=MODULES))
    expect(page.locator(".coat").first).to_have_css("fill", "rgb(240, 144, 0)")
    expect(page.locator(".frame")).to_have_attribute("aria-hidden", "true")


def test_every_animal_is_shown(page: Page, site: Site) -> None:
    all_of_them = "".join(
        f'<gamify-avatar image-name="{name}"></gamify-avatar>' for name in IMAGE_NAMES
    )
    page.goto(site.page(all_of_them, modules=MODULES))
    expect(page.locator("gamify-avatar svg")).to_have_count(len(IMAGE_NAMES))


def test_a_drawing_that_cannot_be_had_leaves_its_frame(
    page: Page, site: Site, windows: Windows
) -> None:
    windows.expect("status of 404")
    page.route("**/art/avatars/*", lambda route: route.fulfill(status=404))
    page.goto(site.page("<gamify-avatar></gamify-avatar>", modules=MODULES))
    expect(page.locator(".frame")).to_have_css("background-color", "rgb(255, 224, 179)")
