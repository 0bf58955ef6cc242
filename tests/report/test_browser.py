"""The report in a real browser: it renders, answers a pointer, a keyboard and a screen reader, and fetches nothing."""

from __future__ import annotations

import struct

import pytest
from tests.report.browser import Seen
from tests.report.browser import chromium as chromium
from tests.report.samples import HOSTILE, diverged, put

import memspan as ms
from memspan.report.html import html
from memspan.report.make import make
from memspan.store import Store

pytestmark = pytest.mark.browser

SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 360, "height": 740}}
KEYS = ("success", "score", "updates", "loss", "differences")


def page_of(folder, path, **settings):
    with Store.open(path, create=False) as store:
        made = make(store, path, **settings)
    target = folder / "report.html"
    target.write_text(html(made, "0"), encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("usual")
    rates = {"online": (0.6, 0.0), "RTRL": (1.0, 0.7), "BPTT": (0.9, 0.1)}
    put(folder / "runs.db", rates, extra=[("BPTT", 5, diverged(4))])
    return page_of(folder, folder / "runs.db", state=False)


@pytest.fixture(scope="module")
def stateful(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    recipe = {"rule": ms.rules.BPTT(), "epochs": 3}
    ms.span(ms.models.LSTM(units=3), ms.problems.Conflict(), lags=[2], seeds=2, store=folder / "runs.db", **recipe)
    return page_of(folder, folder / "runs.db", state=True)


def marks(page, key):
    """What is drawn in a picture, but for legends, as its own descriptions say."""
    found = page.locator(f"#{key}-drawing svg [role=graphics-symbol]")
    labels = [label or "" for label in found.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")]
    return ["" if "legend for" in label or "-axis for" in label else label for label in labels]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_is_drawn_and_nothing_is_fetched(chromium, usual, size, scheme):
    with Seen(chromium, usual, viewport=SIZES[size], color_scheme=scheme) as seen:
        for key in KEYS:
            assert seen.page.locator(f"#{key}-drawing svg").count() == 1, key
        wide, room = seen.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room  # nothing but boxes of their own is scrolled sideways
        colours = "[getComputedStyle(document.body).color, getComputedStyle(document.documentElement).backgroundColor]"
        ink, ground = map(brightness, seen.page.evaluate(colours))
        assert (ink > ground) == (scheme == "dark")
        assert contrast(ink, ground) > 7
        label = seen.page.locator("#success-drawing svg .role-axis-label text").first
        drawn = brightness(label.evaluate("one => getComputedStyle(one).fill"))
        assert contrast(drawn, ground) > 7  # the picture's ink is the page's


def brightness(colour):
    """Relative luminance as WCAG 2 defines it, of rgb(r, g, b)."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = ((part / 12.92) if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_a_pointer_reads_the_values_back(chromium, usual):
    with Seen(chromium, usual, viewport=SIZES["wide"]) as seen:
        labels = marks(seen.page, "success")
        place = next(
            n
            for n, label in enumerate(labels)
            if "point" not in label and "recipe: RTRL" in label and "lag: 5" in label
        )
        seen.page.locator("#success-drawing svg [role=graphics-symbol]").nth(place).hover(force=True)
        told = seen.page.locator("#vg-tooltip-element.visible")
        told.wait_for()
        one = ms.stats.wilson(7, 10)
        rows = dict(line.split("\t") for line in told.inner_text().splitlines() if "\t" in line)
        assert rows["recipe"] == "RTRL (n = 10)"
        assert (rows["lag"], rows["solved"], rows["runs"]) == ("5", "70.0%", "10")
        assert (rows["interval from"], rows["to"]) == (f"{one.low:.1%}", f"{one.high:.1%}")


def test_lines_tell_what_is_below_the_pointer(chromium, usual):
    """Points that are not seen: the median loss and the survival curve at the place of the pointer."""
    with Seen(chromium, usual, viewport=SIZES["wide"]) as seen:
        for key, word in (("loss", "median loss"), ("updates", "not solved yet")):
            points = seen.page.locator(f"#{key}-drawing svg .mark-symbol.role-mark path[opacity='0']")
            points.nth(3).hover(force=True)
            seen.page.locator("#vg-tooltip-element.visible", has_text=word).wait_for()


def test_recipes_are_picked_with_the_keyboard(chromium, usual):
    with Seen(chromium, usual, viewport=SIZES["wide"]) as seen:
        before = len([label for label in marks(seen.page, "success") if "RTRL" in label])
        assert before >= 2
        seen.page.get_by_role("checkbox", name="RTRL").focus()
        seen.page.keyboard.press("Space")
        seen.page.wait_for_timeout(200)
        for key in KEYS:
            assert not [label for label in marks(seen.page, key) if "RTRL" in label], key
        seen.page.get_by_role("button", name="All").press("Enter")
        seen.page.wait_for_timeout(200)
        assert len([label for label in marks(seen.page, "success") if "RTRL" in label]) == before


def test_another_lag_is_chosen(chromium, usual):
    with Seen(chromium, usual, viewport=SIZES["wide"]) as seen:
        assert seen.page.locator("#differences-finding").inner_text().startswith("At lag 3")
        seen.page.locator("#differences select").select_option(label="lag 5")
        seen.page.wait_for_function("document.querySelector('#differences-finding').textContent.startsWith('At lag 5')")
        assert "BPTT" in " ".join(marks(seen.page, "differences"))


def test_the_accessibility_tree_holds_the_findings(chromium, usual):
    with Seen(chromium, usual, viewport=SIZES["wide"]) as seen:
        tree = seen.page.locator("body").aria_snapshot()
        assert "Furthest comes 'RTRL': lag 5, the longest lag tried, in 7 of 10 runs" in tree
        assert 'rowheader "RTRL"' in tree
        assert 'cell "7/10 [40, 89] %"' in tree
        assert 'heading "In how many runs it is learned" [level=2]' in tree
        assert 'checkbox "online" [checked]' in tree
        assert 'combobox "lag"' in tree
        assert 'table "Runs that diverged or have no result"' in tree
        # What Chromium itself hands to a screen reader.
        nodes = seen.context.new_cdp_session(seen.page).send("Accessibility.getFullAXTree")["nodes"]
        names = [node.get("name", {}).get("value", "") for node in nodes]
        assert any(name.startswith("At lag 5, 'RTRL' is solved in 7 of 10 runs") for name in names)
        assert any("recipe: RTRL" in name and "solved: 70.0%" in name for name in names)  # a mark of the picture


def test_the_first_key_leads_past_the_contents(chromium, usual):
    with Seen(chromium, usual, viewport=SIZES["wide"]) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.textContent") == "Skip to the answer"
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_function("document.activeElement.id === 'answer'")


def test_the_theme_is_switched(chromium, usual):
    with Seen(chromium, usual, viewport=SIZES["wide"], color_scheme="light") as seen:
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        bright = brightness(seen.page.evaluate(ground))
        seen.page.get_by_role("button", name="Dark").click()
        assert brightness(seen.page.evaluate(ground)) < bright / 5
        seen.page.emulate_media(media="print")
        assert brightness(seen.page.evaluate(ground)) == pytest.approx(1)  # paper is white in any theme
        assert not seen.page.locator("nav").is_visible()


def test_a_picture_is_saved_as_svg(chromium, usual, tmp_path):
    with Seen(chromium, usual, viewport=SIZES["wide"]) as seen:
        with seen.page.expect_download() as download:
            seen.page.locator("#success").get_by_role("button", name="Save picture as SVG").click()
        download.value.save_as(tmp_path / "saved.svg")
    assert (tmp_path / "saved.svg").read_text().startswith("<svg")


def test_a_sequence_is_stepped_through(chromium, stateful):
    with Seen(chromium, stateful, viewport=SIZES["wide"]) as seen:
        finding = seen.page.locator("#steps-finding")
        assert finding.inner_text().startswith("Step 1 of 3, reading ")
        first = marks(seen.page, "steps")
        seen.page.get_by_role("button", name="Next").click()
        seen.page.wait_for_function("document.querySelector('#steps-finding').textContent.startsWith('Step 2 of 3')")
        seen.page.wait_for_timeout(200)
        second = marks(seen.page, "steps")
        assert first != second
        seen.page.get_by_role("slider", name="step").focus()
        seen.page.keyboard.press("ArrowRight")
        seen.page.wait_for_function("document.querySelector('#steps-finding').textContent.startsWith('Step 3 of 3')")
        seen.page.keyboard.press("ArrowRight")
        assert finding.inner_text().startswith("Step 3 of 3")
        seen.page.wait_for_timeout(200)
        values = [
            float(label.split("value: ")[1].split(";")[0].replace("\u2212", "-"))
            for label in marks(seen.page, "steps")
            if "value: " in label
        ]
        table = seen.page.locator("#state table tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        shown = sorted(float(row[place]) for row in table for place in (3, 6))
        assert sorted(values) == pytest.approx(shown, abs=1e-3)


def test_hostile_names_do_nothing(chromium, tmp_path):
    put(tmp_path / "runs.db", {HOSTILE: (0.5, 0.2), "<img src=x onerror=alert(2)>": (1.0, 0.9)}, name=HOSTILE)
    target = page_of(tmp_path, tmp_path / "runs.db", state=False)
    with Seen(chromium, target, viewport=SIZES["wide"]) as seen:
        assert seen.page.locator("h1").inner_text() == HOSTILE
        assert seen.page.locator("main b, main img").count() == 0
        place = next(
            n for n, label in enumerate(marks(seen.page, "success")) if "onerror" in label and "runs: " in label
        )
        seen.page.locator("#success-drawing svg [role=graphics-symbol]").nth(place).hover(force=True)
        seen.page.locator("#vg-tooltip-element.visible").wait_for()
        assert seen.page.locator("#vg-tooltip-element img").count() == 0


def test_fifty_cells_and_one_are_drawn(chromium, tmp_path):
    for name, rates, lags in (
        ("many", {f"r{i}": (0.5,) * 10 for i in range(5)}, tuple(range(1, 11))),
        ("one", {"r": (1.0,)}, (3,)),
    ):
        folder = tmp_path / name
        folder.mkdir()
        put(folder / "runs.db", rates, lags=lags, seeds=2)
        with Seen(chromium, page_of(folder, folder / "runs.db", state=False), viewport=SIZES["narrow"]) as seen:
            assert seen.page.locator("#success-drawing svg").count() == 1
            assert seen.page.locator("#success table tbody tr").count() == len(rates) * len(lags)


def test_it_prints_on_paper(chromium, usual):
    with Seen(chromium, usual, viewport=SIZES["wide"], color_scheme="dark") as seen:
        paper = seen.page.pdf(format="A4")
        assert paper.startswith(b"%PDF")
        seen.page.emulate_media(media="print")
        shot = seen.page.screenshot(full_page=True)
        width, height = struct.unpack(">II", shot[16:24])
        assert height > width  # a page, not an empty one
