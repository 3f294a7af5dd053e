"""The page in a real browser: what a person does with it, and whether everybody can."""

import pytest

from tests.web.conftest import needs

GRADIOS_OWN = '<div aria-label="Empty value"'
"""Gradio's sign for bars that are empty yet has a label that axe finds out of place."""
TABS = ["Talk", "Look inside", "Three ways", "Watch it learn", "Loops"]
LEARNED = "the cat sat on the mat. the dog lay in the fog. " * 4


def box(page, label):
    """Return the box with a label."""
    return page.get_by_label(label, exact=True).first


def wait_for(page, label, text):
    """Wait until the box with a label holds a text."""
    page.wait_for_function(
        "([box, text]) => box.value.includes(text)", arg=[box(page, label).element_handle(), text]
    )


def button(page, name):
    """Return a button."""
    return page.get_by_role("button", name=name, exact=True)


def open_tab(page, name):
    """Go to a tab."""
    page.get_by_role("tab", name=name).click()


def test_talk_and_stop(page, server):
    """A prompt is typed, the text streams in, and Stop ends it; nothing goes to another computer"""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    box(page, "Your beginning").fill("Once upon")
    button(page, "How it writes ▼").click()
    page.get_by_role("spinbutton", name="Characters to add").fill("500")
    button(page, "Write").click()
    wait_for(page, "The text", "<unk>nce upon ")
    button(page, "Stop").click()
    made = server.settled()
    text = box(page, "The text").input_value()
    assert len(text) < 500 and made < 500
    page.wait_for_timeout(500)
    assert box(page, "The text").input_value() == text
    assert page.get_by_text("What may come next").first.is_visible()
    assert page.get_by_text("KV cache: borrowed, for texts of up to").is_visible()
    assert asked and all(url.startswith(server.address) for url in asked)


def test_who_leaves_stops_the_work(page, server):
    """When the browser is closed, the model writes no more"""
    before = server.settled()
    button(page, "How it writes ▼").click()
    page.get_by_role("spinbutton", name="Characters to add").fill("500")
    button(page, "Write").click()
    wait_for(page, "The text", "once upon ")
    page.close()
    assert server.settled() - before < 500


def test_html_is_text(page):
    """What looks like HTML is shown as it was typed, and runs nowhere"""
    evil = "<img src=x onerror='window.pwned = 1'>"
    open_tab(page, "Look inside")
    box(page, "A text, up to 64 characters").fill(evil)
    box(page, "A text, up to 64 characters").press("Enter")
    page.wait_for_timeout(2000)
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src=x]").count() == 0


def test_look_inside(page):
    """Moving along the text moves the bars, and all maps can be drawn"""
    open_tab(page, "Look inside")
    place = page.get_by_role("spinbutton", name="How many characters are known")
    shown = page.get_by_test_id("highlighted-text").last
    place.fill("11")
    place.press("Enter")
    page.wait_for_function(
        "part => part.innerText.replace(/\\s/g, '').endsWith('hello␣world')",
        arg=shown.element_handle(),
    )
    button(page, "Draw all layers and heads").click()
    picture = page.get_by_test_id("matplotlib").locator("img")
    picture.wait_for()
    assert picture.bounding_box()["width"] > 300


def test_watch_it_learn(page, tmp_path):
    """It trains on a pasted text, can be stopped, talked to, kept in a file, and loaded again"""
    open_tab(page, "Watch it learn")
    box(page, "Your text, 65 characters or more").fill(LEARNED)
    button(page, "Train").click()
    wait_for(page, "How far it is", "Step 20 of 200")
    button(page, "Stop training").click()
    stopped = box(page, "How far it is").input_value()
    box(page, "Talk to this model: a beginning, and Enter").fill("the")
    box(page, "Talk to this model: a beginning, and Enter").press("Enter")
    wait_for(page, "Its text", "the")
    assert box(page, "How far it is").input_value() == stopped
    button(page, "Make a file of this model").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="my_model.pt").or_(page.locator("a[download]")).first.click()
    download.value.save_as(tmp_path / "mine.pt")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Click to Upload").last.click()
    chooser.value.set_files(tmp_path / "mine.pt")
    wait_for(page, "How far it is", "This model is loaded")


def test_loops(page):
    """The tab of the loops runs a real check"""
    open_tab(page, "Loops")
    page.get_by_role("spinbutton", name="To loop").fill("1")
    page.get_by_role("spinbutton", name="To loop").press("Enter")
    button(page, "Run these checks").click()
    page.get_by_text("facts hold").last.wait_for()
    assert page.get_by_text("not checked yet").count() >= 9  # the others wait


def test_keyboard_only(page):
    """Without a mouse: type, press Enter, reach the button, press it"""
    box(page, "Your beginning").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    wait_for(page, "The text", "hello ")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == "Stop":
            break
    assert page.evaluate("document.activeElement.innerText") == "Stop"
    page.keyboard.press("Enter")


def test_announced(page):
    """What the model wrote is said once, whole, to people who do not see it"""
    heard = "window.heard = []; new MutationObserver(() => heard.push(said.textContent))"
    page.evaluate(
        "() => { const said = document.querySelector('body > [role=status]');"
        f"{heard}.observe(said, {{ childList: true }}) }}"
    )
    button(page, "Write").click()
    page.wait_for_function("heard.length > 0")
    page.wait_for_timeout(2500)
    assert page.evaluate("heard") == [box(page, "The text").input_value()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(page, scheme):
    """Light or dark, axe finds no serious fault in any tab, and a phone shows the whole width"""
    needs("axe_playwright_python")
    from axe_playwright_python.sync_playwright import Axe

    page.goto(f"{page.url}?__theme={scheme}")
    button(page, "Write").wait_for()
    for name in TABS:
        open_tab(page, name)
        found = Axe().run(page).response["violations"]
        grave = [one for one in found if one["impact"] in ("serious", "critical")]
        places = [(one["id"], node["html"]) for one in grave for node in one["nodes"]]
        assert [place for place in places if GRADIOS_OWN not in place[1]] == [], name
    page.set_viewport_size({"width": 375, "height": 700})
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
