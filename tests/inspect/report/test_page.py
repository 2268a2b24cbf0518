"""The page is one file that needs nothing else, and shows texts as texts."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import inspections
from support.html_pages import EVIL, Page
from synthsweep.inspect.inspection import Curation, Inspection, Loss, Outlier, Shown, Word
from synthsweep.inspect.report.figures import histograms, label_bars, maps
from synthsweep.inspect.report.headline import headline
from synthsweep.inspect.report.page import LOSSES, render, write_page


@pytest.fixture(scope="module")
def full() -> Page:
    return Page(render(inspections.full()))


def everywhere(text: str) -> Inspection:
    """The text wherever a text, an id or a name can stand."""
    shown = Shown(text, text, (text,))
    return replace(
        inspections.bare(),
        pool=text,
        data=text,
        names={"A1": text},
        outliers=(Outlier("perplexity", 1.0, shown, shown, 0.5),),
        curation=Curation(2, {text: 1}, 0, (Loss(text, text, text, text, text),), {text: 1}),
        words=(Word(text, 1.0, 1, 0),),
        settings=((text, text),),
        command=text,
        following=text,
    )


@cache
def tags_of_plain() -> list[str]:
    return [tag for tag, _ in Page(render(everywhere("plain"))).tags]


def test_the_page_needs_nothing_else(full: Page) -> None:
    """No script, no style sheet, no address but its own anchors and what is in it."""
    assert [address for address in full.addresses if not address.startswith(("#", "data:"))] == []
    assert full.all("script") == []


def test_what_stands_out_comes_first(full: Page) -> None:
    """Then that the demo is no finding, and why the page stays here."""
    before = full.text.partition("Contents")[0].partition("Median and middle half")[0]

    assert [sentence for sentence in headline(inspections.full()) if sentence not in before] == []
    assert ["no clinical finding" in before, "it is not logged to MLflow" in before] == [True, True]


def test_contents_lead_to_every_section(full: Page) -> None:
    """In their order; each id is there once."""
    ids = [found["id"] for _, found in full.tags if "id" in found]

    assert [found["id"] for found in full.all("section")] == [found["href"][1:] for found in full.all("a")]
    assert len(set(ids)) == len(ids)


def test_every_picture_is_inside_the_page_with_its_alt_text(full: Page) -> None:
    """For those who do not see it."""
    inspection = inspections.full()
    pictures = [*histograms(inspection), label_bars(inspection), *maps(inspection)]

    assert [(found["alt"], found["src"][:26]) for found in full.all("img")] == [
        (picture.alt, "data:image/svg+xml;base64,") for picture in pictures
    ]


def test_an_outlier_stands_beside_the_nearest_real_text(full: Page) -> None:
    """With the value that makes it an outlier."""

    assert (
        "perplexity 2,345 · A1 · s0 A strange text, number 0. nearest real text, cosine 0.21 · B1 · c1-03 He lined up"
        in full.text
    )


def test_what_repeats_dev_or_test_is_an_id_alone(full: Page) -> None:
    """What repeats another text is shown with it."""

    assert "Dropped by duplicates: 1 s7 He waved. repeats s1 He waved!" in full.text
    assert "Dropped by leaks: 1 s8, repeats t4" in full.text


def test_of_many_dropped_texts_some_are_shown() -> None:
    """The count is whole."""
    losses = tuple(Loss(f"s{place}", "duplicates", "s", "text", "text") for place in range(LOSSES + 7))
    found = Page(render(replace(inspections.bare(), curation=Curation(200, {"duplicates": LOSSES + 7}, 0, losses))))

    assert ("107" in found.text, "7 more are not shown." in found.text, "s99 text" in found.text, "s100" in found.text) == (
        True, True, True, False,
    )  # fmt: skip


@pytest.mark.parametrize("hidden_first", [True, False])
def test_each_dropped_text_of_a_step_is_shown_or_hidden_by_itself(hidden_first: bool) -> None:
    """One step drops repeats of dev and test beside others; those are ids, below the texts."""
    losses = (Loss("s8", "duplicates", "t4"), Loss("s7", "duplicates", "s1", "He waved.", "He waved!"))
    curation = Curation(9, {"duplicates": 2}, 0, losses if hidden_first else losses[::-1])
    found = Page(render(replace(inspections.bare(), curation=curation)))

    assert "Dropped by duplicates: 2 s7 He waved. repeats s1 He waved! s8, repeats t4" in found.text
    assert (len([one for one in found.all("li") if one.get("class") == "pair"]), len(found.all("ul"))) == (1, 1)


def test_steps_that_only_have_ids_come_last() -> None:
    """A step with one text to read stands before them."""
    losses = (
        Loss("s1", "leaks", "t4"),
        Loss("s2", "near_duplicates", "t5"),
        Loss("s3", "near_duplicates", "s4", "One.", "Two."),
    )
    curation = Curation(9, {"leaks": 1, "near_duplicates": 2}, 1, losses)
    text = Page(render(replace(inspections.bare(), curation=curation))).text

    assert text.index("Dropped by near duplicates: 2") < text.index("Dropped by leaks: 1")


@pytest.mark.parametrize(("found", "sections"), [
    (inspections.bare(), ["texts", "pool", "labels", "curation", "words", "again"]),
    (inspections.unmeasured(), ["labels", "curation", "words", "again"]),
])  # fmt: skip
def test_what_is_not_there_has_no_section(found: Inspection, sections: list[str]) -> None:
    """Without embeddings no map; with characteristics=none criteria, curation and words are left."""
    shown = Page(render(found))

    assert [one["id"] for one in shown.all("section")] == sections
    assert re.findall(r"\b(None|nan|inf)\b", shown.text) == []


def test_a_script_in_a_text_runs_nothing() -> None:
    """Wherever a text, an id or a name stands."""
    page = Page(render(everywhere(EVIL)))

    assert (page.all("script"), {found["src"][:5] for found in page.all("img")}) == ([], {"data:"})
    assert page.text.count(EVIL) > 12


@pytest.mark.slow
@settings(max_examples=15)
@given(st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=30))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    """No tag, no attribute comes out of it."""
    page = Page(render(everywhere(text)))

    assert [tag for tag, _ in page.tags] == tags_of_plain()
    assert text in "".join(page.words)


def test_the_page_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """In a folder that is made for it; a second one takes its place."""
    path = tmp_path / "new" / "page.html"
    write_page(inspections.bare(), path)
    write_page(inspections.unmeasured(), path)

    assert [one.name for one in path.parent.iterdir()] == ["page.html"]
    assert path.read_text(encoding="utf-8") == render(inspections.unmeasured())
