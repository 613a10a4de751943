"""The chat page in a real browser: what a person types, taps and reads."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright

from bot.run import Running, running, settings_of
from bot.settings import HOME

PHONE = {"width": 390, "height": 844}
LIFT = "我妈腿脚不好下不了楼怎么办"
CORRIDOR = "楼道里堆满东西怎么办"


AUDIENCES = """
audiences:
  - {audience: 居民群, channel: wecom_group, keys: ["${GROUP_RESIDENTS}"]}
"""
NOTICES = """
notices:
  - {notice: 下个世纪的灯会, when: 2100-02-23 18:00, to: [居民群], text: 看灯去。}
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product as `make run` starts it, with a database and notices of its own: none is due while the tests run."""
    home = tmp_path_factory.mktemp("page")
    (home / "cases.yaml").symlink_to(HOME / "cases.yaml")
    (home / "intents").symlink_to(HOME / "intents")
    (home / "scheduler").mkdir()
    (home / "scheduler" / "audiences.yaml").write_text(AUDIENCES, "utf-8")
    (home / "scheduler" / "notices.yaml").write_text(NOTICES, "utf-8")
    with running(settings_of({"BOT_HOME": str(home)}), 0) as found:
        yield found


@pytest.fixture(scope="module")
def address(started: Running) -> str:
    return started.address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; tests skip without it, except where CI promises it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium and os.environ.get("CI") != "true":
        pytest.skip("no chromium: apt-get install chromium fonts-noto-cjk")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page on a new phone, followed and welcomed; nothing may go wrong in its console."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    opened = context.new_page()
    mistakes: list[str] = []
    opened.on("pageerror", lambda error: mistakes.append(str(error)))
    opened.on("console", lambda said: mistakes.append(said.text) if "Content Security" in said.text else None)
    opened.goto(address)
    expect(replies(opened)).to_have_count(1)
    yield opened
    context.close()
    assert mistakes == []


def replies(page: Page) -> Locator:
    """The bubbles of others."""
    return page.locator(".line:not(.mine) .bubble")


def said(page: Page) -> Locator:
    """The bubbles of the person who holds the phone."""
    return page.locator(".mine .bubble")


def say(page: Page, text: str) -> str:
    """Type a text, send it with Enter and read the reply."""
    before = replies(page).count()
    page.get_by_label("输入您想问的话").fill(text)
    page.keyboard.press("Enter")
    expect(replies(page)).to_have_count(before + 1)
    return replies(page).last.inner_text()


def switch(page: Page, number: int) -> None:
    """Open a chat from the list."""
    page.get_by_label("聊天列表，换个身份").click()
    page.locator("#chats button").nth(number).click()


def test_a_newcomer_is_welcomed_and_offered_questions(page: Page) -> None:
    assert "睦邻小助手" in replies(page).first.inner_text()
    expect(page.get_by_role("group", name="可以这样问").get_by_role("button")).to_have_count(4)


def test_a_resident_types_a_question_and_reads_what_fudan_did(page: Page) -> None:
    answer = say(page, LIFT)
    assert "复旦居民区" in answer
    assert "您可以：" in answer and "找谁：" in answer
    expect(said(page)).to_have_text([LIFT])


def test_a_long_answer_is_shown_from_the_question_on(page: Page) -> None:
    say(page, CORRIDOR)
    expect(said(page).last).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="往下看")).to_be_visible()


def three_turns(page: Page) -> None:
    """Ask, ask for another community, tap the first of the choices: each reply goes on from the one before."""
    first = say(page, CORRIDOR)
    second = say(page, "还有别的小区吗")
    assert second != first
    choice = page.locator(".choice:enabled").first
    place = re.split("[.：]", choice.inner_text())[1].strip()
    before = replies(page).count()
    choice.click()
    expect(replies(page)).to_have_count(before + 1)
    assert place in replies(page).last.inner_text()
    expect(said(page).last).to_have_text("1")


def test_a_resident_holds_a_conversation_of_three_turns(page: Page) -> None:
    three_turns(page)


def test_a_worker_holds_the_same_conversation_in_the_group(page: Page) -> None:
    switch(page, 2)
    told = [say(page, f"@睦邻小助手 {text}") for text in (CORRIDOR, "还有别的小区吗", "详细点")]
    assert len(set(told)) == 3
    # A group is given one case at a time and no menu; the rest is for a single chat.
    expect(page.locator(".choice")).to_have_count(0)


def test_choices_of_an_earlier_reply_are_plain_text(page: Page) -> None:
    say(page, LIFT)
    say(page, CORRIDOR)
    expect(page.locator("[data-to]").nth(1).locator(".choice").first).to_be_disabled()


def test_steps_of_a_procedure_are_no_choices(page: Page) -> None:
    switch(page, 1)
    expect(replies(page)).to_have_count(1)
    answer = say(page, CORRIDOR)
    assert "参与方：" in answer
    for choice in page.locator(".choice").all_inner_texts():
        assert answer.index(choice) > answer.index("参与方：")


def test_a_menu_button_answers_without_typing(page: Page) -> None:
    page.get_by_label("换成菜单").click()
    page.get_by_role("button", name="问事情").click()
    page.get_by_role("button", name="停车难", exact=True).click()
    expect(replies(page)).to_have_count(2)
    assert "停" in replies(page).last.inner_text()
    expect(said(page)).to_have_count(0)


def test_a_group_is_answered_only_when_the_bot_is_mentioned(page: Page) -> None:
    switch(page, 2)
    page.get_by_label("输入您想问的话").fill("大家明天几点开会")
    page.keyboard.press("Enter")
    expect(said(page)).to_have_count(1)
    page.get_by_role("button", name="老陈").click()
    expect(said(page)).to_have_count(0)
    page.get_by_role("button", name="@睦邻小助手", exact=True).click()
    page.keyboard.type("停车难别的小区怎么办")
    page.keyboard.press("Enter")
    expect(page.locator("[data-to]")).to_have_count(1)
    assert "停车难别的小区怎么办" in page.locator("[data-to]").inner_text()
    # Xiao Zhou's line and the bot's answer; the first line brought none.
    expect(replies(page)).to_have_count(2)


def test_what_a_reply_holds_is_shown_as_text(page: Page) -> None:
    switch(page, 2)
    shot = "<img src=x onerror=alert(1)>停车难怎么办"
    page.get_by_label("输入您想问的话").fill(f"@睦邻小助手 {shot}")
    page.keyboard.press("Enter")
    expect(page.locator("[data-to]")).to_contain_text("<img src=x")
    expect(page.locator(".bubble img")).to_have_count(0)


def test_a_message_that_got_lost_can_be_sent_again(page: Page) -> None:
    page.route("**/page/acts", lambda route: route.abort())
    page.get_by_label("输入您想问的话").fill(LIFT)
    page.keyboard.press("Enter")
    again = page.get_by_role("button", name="点这里再发")
    expect(again).to_be_visible()
    page.unroute("**/page/acts")
    again.click()
    expect(replies(page)).to_have_count(2)
    expect(said(page)).to_have_count(1)
    expect(again).to_have_count(0)


def test_a_reply_that_got_lost_comes_again_and_counts_once(page: Page) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    first = say(page, LIFT)
    page.route("**/page/acts", lose)
    page.locator(".choice").first.click()
    again = page.get_by_role("button", name="点这里再发")
    expect(again).to_be_visible()
    page.unroute("**/page/acts")
    again.click()
    expect(replies(page)).to_have_count(3)
    assert replies(page).last.inner_text() != first


def test_enter_that_picks_a_word_of_an_input_method_sends_nothing(page: Page) -> None:
    box = page.get_by_label("输入您想问的话")
    box.fill("nihao")
    box.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(said(page)).to_have_count(0)
    expect(box).to_have_value("nihao")


def test_chats_survive_a_reload_and_nobody_is_welcomed_twice(page: Page) -> None:
    say(page, LIFT)
    page.reload()
    expect(said(page)).to_have_text([LIFT])
    expect(replies(page)).to_have_count(2)


def test_who_leaves_and_follows_again_is_welcomed_again(page: Page) -> None:
    say(page, LIFT)
    page.get_by_label("更多操作").click()
    page.get_by_role("button", name="取消关注").click()
    page.locator("#chats button").first.click()
    expect(replies(page)).to_have_count(1)
    expect(said(page)).to_have_count(0)


def test_letters_are_large_and_grow_without_leaving_the_screen(page: Page) -> None:
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    assert replies(page).first.evaluate(size) >= 18
    page.get_by_role("button", name="大字").click()
    assert replies(page).first.evaluate(size) >= 22
    say(page, LIFT)
    expect(page.get_by_role("button", name="发送")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_everything_can_be_reached_with_the_keyboard(page: Page) -> None:
    page.get_by_label("聊天列表，换个身份").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="企业微信应用")).to_be_visible()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")


def test_the_page_asks_nobody_but_this_machine(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    expect(replies(page)).to_have_count(1)
    assert asked and all(url.startswith(address) for url in asked)
    expect(page.get_by_role("heading", name="可以这样试")).to_be_visible()
    context.close()


def test_the_page_says_so_when_the_bot_cannot_be_reached(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=PHONE)
    page.route("**/page/chats", lambda route: route.abort())
    page.goto(address)
    again = page.get_by_role("button", name="连不上小助手")
    expect(again).to_be_visible()
    page.unroute("**/page/chats")
    again.click()
    expect(replies(page)).to_have_count(1)
    page.close()


def test_a_notice_to_the_group_appears_in_its_chat(page: Page, started: Running) -> None:
    text = "明天9:30在睦邻中心开街区议事会"
    body = json.dumps({"msgtype": "text", "text": {"content": text, "mentioned_list": ["@all"]}}).encode()
    urlopen(f"{started.api.base}/cgi-bin/webhook/send?key=GROUP_RESIDENTS", data=body).close()
    expect(page.locator("#unread")).to_have_text("1")
    switch(page, 2)
    expect(replies(page)).to_contain_text([text])
    expect(page.locator(".note").last).to_have_text("发到“居民群”的通知")
    expect(page.locator("#unread")).to_be_hidden()
