"""The page as a browser shows it: at a desk and on a phone, light and dark, and without script.

Where neither Chromium nor Chrome is here, the distribution's Chromium is installed (`own_browser`).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from own_browser import browser_program
from playwright.sync_api import Browser, Page, sync_playwright
from test_report import BAD, BROKEN, FAILED, GOOD, SETUP, command
from told import told

from freshrun.model.outcome import Output, Status
from freshrun.model.record import ChecklistItem, Record
from freshrun.report.contents import Entry, contents_page
from freshrun.report.overview import line
from freshrun.report.page import html

ROOT = Path(__file__).resolve().parent.parent.parent
RUNBOOK = (ROOT / "runbook" / "integration-triage-runbook.md").read_text("utf-8")

DESK, PHONE = (1280, 900), (390, 844)
SIZES = [DESK, PHONE]
DERIVED = tuple(
    ChecklistItem(f"item {n}", Status.FAILED, f"runbook/x.md:52 failed\n{'x' * 300}")
    for n in range(30)
)
RECORDS = {
    "green": told(RUNBOOK, trials=300),
    "red": BAD,
    "many": told(RUNBOOK, bad=tuple(range(3, 50))),
    "derived": replace(BAD, checklist=DERIVED),
    "item": replace(GOOD, checklist=DERIVED[:1]),
    "broken": BROKEN,
    "diff": replace(BAD, outcomes=(replace(FAILED, exit_code=0, diff="-a\n+b\n" * 40),)),
    "wide": replace(
        BAD,
        runbook="a/very-long-path" * 20,
        outcomes=(replace(FAILED, command=command(1, "x" * 5_000), hint="y" * 500),),
    ),
}
BAD_ONES = [name for name, record in RECORDS.items() if record.verdict is not Status.PASSED]


class Open(Protocol):
    """Opens the page of a record."""

    def __call__(
        self,
        record: Record,
        *,
        size: tuple[int, int] = DESK,
        dark: bool = False,
        script: bool = True,
    ) -> Page:
        """Return it; `size` is that of the screen."""
        ...


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return the browser of this machine."""
    program = browser_program()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens the page of a record; what the browser refuses is an error."""
    refused: list[str] = []
    contexts = []

    def opened(
        record: Record, *, size: tuple[int, int] = DESK, dark: bool = False, script: bool = True
    ) -> Page:
        path = tmp_path / "page.html"
        path.write_text(html(record), "utf-8")
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: refused.append(message.text))
        page.on("pageerror", lambda error: refused.append(str(error)))
        page.on(
            "request",
            lambda request: refused.append(request.url) if request.url != path.as_uri() else None,
        )
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert refused == []


def number(page: Page, expression: str) -> float:
    """Return what an expression of JavaScript gives."""
    return float(page.evaluate(expression))


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("name", BAD_ONES)
def test_the_cause_is_on_the_first_screen(shown: Open, name: str, size: tuple[int, int]) -> None:
    """Its place and the reason, whatever else failed; nobody scrolls for it, in any direction."""
    page = shown(RECORDS[name], size=size)
    why = page.locator("#cause .why, #cause .place").last
    box = why.bounding_box()
    assert box is not None
    assert box["y"] >= 0
    if name != "wide":
        assert box["y"] + box["height"] <= size[1]
    assert number(page, "document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_a_green_page_is_short(shown: Open, size: tuple[int, int]) -> None:
    """Our own runbook, folded: twenty screens; and no sideways scrolling."""
    page = shown(RECORDS["green"], size=size)
    screens = number(page, "document.documentElement.scrollHeight") / size[1]
    assert screens <= 20
    assert number(page, "document.documentElement.scrollWidth") <= size[0]


ROWS = "| Leaf | Class |\n| --- | --- |\n" + "".join(f"| {n} | drv-{n} |\n" for n in range(9))


@pytest.mark.parametrize("script", [True, False], ids=["script", "none"])
def test_a_long_table_is_folded_on_a_small_screen_alone(shown: Open, *, script: bool) -> None:
    """At a desk it stands there as in the document; on a phone its summary says what it has."""
    record = told(f"# T\n\n{ROWS}\n```bash\ntrue\n```\n")
    page = shown(record, script=script)
    assert page.get_by_text("drv-8").is_visible()
    assert not page.get_by_text("9 rows: Leaf, Class").is_visible()
    page = shown(record, size=PHONE, script=script)
    assert not page.get_by_text("drv-8").is_visible()
    page.get_by_text("9 rows: Leaf, Class").click()
    assert page.get_by_text("drv-8").is_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["green", "many", "derived", "broken", "diff"])
def test_axe_finds_nothing(shown: Open, name: str, size: tuple[int, int], *, dark: bool) -> None:
    """Every rule that it has, contrast too, with all that is folded opened."""
    page = shown(RECORDS[name], size=size, dark=dark)
    page.evaluate(
        "document.querySelectorAll('.document details').forEach((e) => { e.open = true; })"
    )
    found = Axe().run(page).response
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert {"color-contrast", "label", "landmark-one-main"} <= {e["id"] for e in found["passes"]}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_the_page_over_all_is_as_good(
    browser: Browser, tmp_path: Path, size: tuple[int, int], *, dark: bool
) -> None:
    """No finding, no sideways scrolling, and a filter; without script too."""
    path = tmp_path / "index.html"
    entries = [Entry(line(one, name=f"docs/{n}.md"), "debian", "x") for n, one in RECORDS.items()]
    path.write_text(contents_page(entries * 20), "utf-8")
    viewport = {"width": size[0], "height": size[1]}
    page = browser.new_page(viewport=viewport, color_scheme="dark" if dark else "light")  # type: ignore[arg-type]  # a map of two numbers
    page.goto(path.as_uri())
    found = Axe().run(page).response
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert number(page, "document.documentElement.scrollWidth") <= size[0]
    page.locator("#only").check()
    assert page.locator("tbody tr:visible").count() == 20 * len(BAD_ONES)
    page.close()


def test_what_failed_can_be_filtered_without_script(shown: Open) -> None:
    """A box to tick; what it leaves is what failed."""
    page = shown(RECORDS["many"], script=False)
    parts = page.locator(".part:visible")
    before = parts.count()
    page.locator("#only").check()
    assert 0 < parts.count() < before
    assert page.locator(".part:visible .outcome.failed").count() == 47
    assert not page.locator("#find").is_visible()
    assert not page.locator("button.copy").first.is_visible()


def test_a_search_opens_what_is_folded(shown: Open) -> None:
    """Only what has the words is left, and how much that is."""
    page = shown(RECORDS["green"])
    page.locator("#find").fill("wreckage of nothing")
    assert page.locator("#found").text_content() == "0 found"
    page.locator("#find").fill("a line of WHAT it printed")
    assert page.locator(".part .outcome pre:visible").count() > 10
    page.locator("#find").fill("")
    assert page.locator(".part:not([hidden])").count() == page.locator(".part").count()


def test_a_block_is_copied_as_it_is_typed(shown: Open) -> None:
    """Without prompts, and without what a transcript promises."""
    page = shown(told("# T\n\n```console\n$ echo one\none\n$ echo two\ntwo\n```\n"))
    page.locator("button.copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == "echo one\necho two"


def test_a_link_opens_what_it_leads_into(shown: Open) -> None:
    """The place of the cause leads to the command; a trial is unfolded by its address."""
    page = shown(RECORDS["green"])
    page.evaluate("location.hash = '#trial-7'")
    page.wait_for_timeout(50)
    trial = page.locator("#trial-7").bounding_box()
    assert trial is not None
    assert 0 <= trial["y"] < DESK[1]
    page = shown(RECORDS["red"])
    page.locator("#cause .place a").first.click()
    box = page.locator("#command-2").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < DESK[1]


@pytest.mark.parametrize("script", [True, False], ids=["script", "none"])
def test_print_opens_what_was_folded(shown: Open, *, script: bool) -> None:
    """On paper nobody can unfold."""
    page = shown(RECORDS["green"], script=script)
    text = page.locator(".part .outcome pre").first
    assert not text.is_visible()
    page.emulate_media(media="print")
    box = text.bounding_box()
    assert box is not None
    assert box["height"] > 10


def test_the_keyboard_reaches_everything(shown: Open) -> None:
    """Each control in its turn, seen where it is, and unfolded by it."""
    page = shown(RECORDS["red"])
    seen = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        seen.add(str(page.evaluate("document.activeElement.tagName")))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        if page.evaluate("document.activeElement !== document.body"):
            assert outline != "none"
    assert {"A", "SUMMARY", "INPUT", "BUTTON"} <= seen
    page.locator(".outcome.passed summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".outcome.passed pre").first.is_visible()


def test_a_huge_run_is_a_small_page(shown: Open) -> None:
    """Four hundred commands and 200 MB of output: under 2 MB, and open within a second."""
    line = "<é>&\x1b[31mred\x1b[0m 'quoted' \"twice\" and so on\n"
    half = (line * 2_000).encode()[: 64 * 1024]
    stream = Output(half, half, 512 * 1024)
    outcomes = tuple(
        replace(
            FAILED if n % 10 == 0 else SETUP,
            command=command(n * 10 + 1, f"make step-{n}", section=f"Part {n // 20}"),
            stdout=stream,
        )
        for n in range(400)
    )
    record = replace(BAD, outcomes=outcomes)
    assert sum(o.stdout.size + o.stderr.size for o in outcomes) > 200_000_000
    assert len(html(record).encode()) < 2_000_000
    took = []
    for _ in range(3):
        page = shown(record)
        timing = "performance.getEntriesByType('navigation')[0].loadEventEnd"
        took.append(number(page, timing))
    assert min(took) < 1_000
