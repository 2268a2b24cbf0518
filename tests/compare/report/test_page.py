"""The report is one page that needs nothing else, says what the answer says, and computes nothing."""

import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest

from support import answers
from support.html_pages import EVIL, Page
from synthsweep.compare.report.figures.forest import forests
from synthsweep.compare.report.glossary import MEANINGS, with_terms
from synthsweep.compare.report.headline.arms import detectable_by_arm
from synthsweep.compare.report.page import write_report
from synthsweep.compare.report.sections import sections
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.supplements import TfidfBaseline
from synthsweep.compare.setup import StudySetup
from synthsweep.pages.numbers import number

pytestmark = pytest.mark.slow


def page(answer: Comparison, folder: Path) -> Page:
    return Page(write_report(answer, folder).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(answers.factorial(), tmp_path_factory.mktemp("report") / "new" / "folder").parent


@pytest.fixture(scope="module")
def full(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_pictures_and_tables_lie_beside_the_page(folder: Path) -> None:
    """Each picture as PNG and PDF, each shown table as LaTeX, the values as CSV; nothing half-written is left."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    drawn = ("learning_curve", "forest", "heat_map", "movement", "parts", "doses", "effect_variance", "variances", "frontier")

    assert {name for name in names if name.startswith("figures/")} == {
        f"figures/{n}.{k}" for n in drawn for k in ("png", "pdf")
    }
    assert {
        "report.html",
        "tables/effects.csv",
        "tables/primary.tex",
        "tables/summary.tex",
        "tables/counts.csv",
        "tables/worth.csv",
        "tables/effects_recall.tex",
        "tables/splits.tex",
    } <= names
    assert [name for name in names if name.endswith(".part")] == []


def test_the_page_needs_nothing_else(full: Page) -> None:
    """No script, no style sheet, no address but its own anchors; pictures are inside and drawn."""
    pictures = [found["src"] for found in full.all("img")]

    assert [address for address in full.addresses if not address.startswith(("#", "data:"))] == []
    assert (full.all("script"), len(pictures)) == ([], 9)
    assert all(b"<svg" in base64.b64decode(picture.partition(",")[2])[:2000] for picture in pictures)


def test_anchors_lead_somewhere(full: Page) -> None:
    """Every id is there once."""
    ids = [found["id"] for _, found in full.tags if "id" in found]

    assert len(ids) == len(set(ids))
    assert {found["href"][1:] for found in full.all("a")} <= set(ids)


def test_sections_come_in_the_order_of_a_reader(full: Page) -> None:
    """One h1, then h2 alone; the table of contents is the same, and ends with the words."""

    assert [level for level, _ in full.headings] == ["h1"] + ["h2"] * 20
    assert [found["id"] for found in full.all("section")] == [
        "scores",
        "counts",
        "split",
        "learning",
        "doses",
        "next",
        "design",
        "metrics",
        "sign_flip",
        "heat",
        "factors",
        "characteristics",
        "variance",
        "power",
        "cost",
        "tfidf_baseline",
        "left",
        "methods",
        "again",
        "words",
    ]
    contents = [found["href"][1:] for found in full.all("a") if "class" not in found and not found["href"].startswith("#table")]
    assert contents == [found["id"] for found in full.all("section")]


def test_the_answer_comes_first(full: Page) -> None:
    """The verdict, the scores before and after, what would have been found, warnings, setup; then the contents."""
    answer = answers.factorial()
    before = full.prose.partition("Scores on test")[0]

    assert [sentence in before for sentence in (answer.verdict, *answer.headline, *answer.warnings)] == [True] * 4
    assert "no clinical finding" in before
    assert [row[0] for row in full.rows["table-primary"][1:]] == list(answers.ARMS)
    assert full.rows["table-primary"][1][1:] == ["0.484", "0.506", "+2.2 [+0.2, +4.3]"]
    sizes = [number(100 * size, 1) for size in sorted(filter(None, detectable_by_arm(answer).values()))]
    found = f"A true change of {sizes[0]} (llm=recorded, prompt=plain) to {sizes[-1]} (llm=gpt-4o-mini, prompt=plain) points"
    assert f"{found}, by the arm, would have been found four times in five." in before
    assert "demo · encoder minilm · LLM gpt-4o-mini · prompt plain, attributed · texts 400 real, 200 added" in before


def test_the_methods_can_be_cited(full: Page) -> None:
    """Encoder, training, threshold, LLM, the prompt as it was sent, statistics and versions."""
    said = (
        "The encoder minilm (package:weights) was fine-tuned to predict 7 labels on 400 real texts of the corpus demo",
        "for 12 epochs by AdamW with a learning rate of 2e-05, batches of 16 texts and at most 128 tokens per text, all arms "
        "for as many steps as the baseline",
        "from a threshold on: chosen per criterion on dev for the best F1.",
        "Runs differ by seed: seed 1 sets the draw of real training texts; seeds 1 to 6 set the initial weights.",
        "Write ten texts about {{ criterion }}.",
        "p values of the 28 comparisons of criteria are adjusted by Holm, those of an average over its 4 arms.",
        "torch 2.13.0",
    )

    assert [words for words in said if words not in full.prose] == []


def test_what_no_run_kept_is_not_recorded(tmp_path: Path) -> None:
    """Rather than guessed."""
    found = page(replace(answers.factorial(["A1"], ["a"]), setup=StudySetup()), tmp_path)

    assert "The runs kept no configuration: corpus, encoder, training, LLM and prompt are not recorded." in found.prose


def test_words_lead_to_their_meaning(full: Page) -> None:
    """By hover and by link, once in a paragraph; a word within a name is left alone."""
    terms = [found for found in full.all("a") if found.get("class") == "term"]

    assert {found["title"] for found in terms} <= set(MEANINGS.values())
    assert str(with_terms("arm=recall <b> recall, Recall")) == (
        f'arm=recall &lt;b&gt; <a class="term" href="#word-recall" title="{MEANINGS["recall"]}">recall</a>, Recall'
    )


def test_the_numbers_of_a_picture_are_one_step_away(full: Page) -> None:
    """In its alt text, and in a table below it or by a link."""
    alts = [found["alt"] for found in full.all("img")]
    first = forests(answers.factorial())[0].alt

    assert alts == [first, *(picture.alt for section in sections(answers.factorial()) for picture in section.all_pictures)]
    assert full.text.count("The numbers: ") + full.text.count("The numbers of this figure") == 9


def test_every_table_says_what_it_is(full: Page) -> None:
    """A caption, a scope for each heading, and as many cells in a row as headings, or one over all."""
    widths = [({len(row) for row in rows[1:]}, len(rows[0])) for rows in full.rows.values()]

    assert len(full.all("caption")) == len(full.all("table")) == len(full.rows)
    assert {found["scope"] for found in full.all("th")} == {"col", "row", "colgroup"}
    assert [(found, width) for found, width in widths if not found <= {1, width}] == []


def test_what_was_left_out_and_how_to_make_it_again_is_there(full: Page) -> None:
    """Every run with its reason; commands, versions, commits and seed."""
    answer = answers.factorial()

    assert [run.reason in full.text for run in answer.excluded] == [True, True]
    assert [command in full.text for command in answer.provenance.commands] == [True, True]
    assert ["3f1c2d9" in full.text, "Intervals in closed form; seed 0." in full.text, "5.1.0" in full.text] == [True] * 3


def test_undefined_is_a_dash_with_a_note(tmp_path: Path) -> None:
    """No 0, no None, no nan."""
    found = page(answers.undefined(), tmp_path)

    assert [row[1:] for row in found.rows["table-summary"][1:]] == [["–"] * 5] * 4
    assert "–: undefined, or not computed; never 0." in found.text
    assert re.findall(r"\b(None|nan|inf)\b", found.text) == []


def test_what_is_not_there_has_no_section(tmp_path: Path) -> None:
    """An answer without anything still says what it is of, what is left out, and how it was made."""
    found = page(answers.EMPTY, tmp_path)

    assert [one["id"] for one in found.all("section")] == ["design", "left", "again", "words"]
    assert ("Nothing can be said." in found.text, "fictional" in found.text, "table-summary" in found.rows) == (
        True,
        False,
        False,
    )


def test_names_are_text(tmp_path: Path) -> None:
    """A label, an arm or a reason from another person's file runs nothing."""
    answer = replace(answers.factorial(["A1"], [EVIL]), studies=(EVIL,), headline=(EVIL,), warnings=(EVIL,))
    found = page(answer, tmp_path)

    assert found.all("script") == []
    assert (EVIL in found.text, found.rows["table-primary"][1][0]) == (True, EVIL)


def test_the_baseline_stands_beside_tfidf(tmp_path: Path) -> None:
    """A classifier below word counts is undertrained."""
    found = page(replace(answers.EMPTY, tfidf_baseline=TfidfBaseline(0.43, 0.4)), tmp_path)

    assert "TF-IDF with logistic regression: 0.430. The baseline: 0.400." in found.prose


def test_a_search_is_not_an_effect(tmp_path: Path) -> None:
    """It has a box that says so, trials, importances, and what is left of the best on fresh seeds."""
    found = page(answers.search(), tmp_path)

    assert [one["id"] for one in found.all("section")] == [
        "search",
        "importances",
        "confirmation",
        "design",
        "left",
        "again",
        "words",
    ]
    assert "These are not effects." in found.text
    assert "Optimism of the selection: +1.9 points." in found.text
    assert "scores 0.428 [0.401, 0.452]" in found.text
    assert len(found.rows["table-trials"]) == 21


@pytest.mark.parametrize(
    ("texts", "word"), [("shared", "Obuchowski"), ("disjoint", "nested"), ("overlapping", "Nadeau and Bengio")]
)
def test_the_page_says_how_an_interval_is_made(tmp_path: Path, texts: str, word: str) -> None:
    """As the test texts of the seeds are related."""
    effect = answers.factorial(["A1"], ["a"]).effects[0]
    found = page(replace(answers.EMPTY, effects=(effect,), texts=texts), tmp_path)

    assert [other in found.text for other in ("Obuchowski", "nested", "Nadeau and Bengio")] == [
        other == word for other in ("Obuchowski", "nested", "Nadeau and Bengio")
    ]


def test_a_long_table_is_folded(tmp_path: Path) -> None:
    """A person reads the picture first."""
    labels = [f"label {number}" for number in range(50)]
    written = page(replace(answers.EMPTY, labels=tuple(labels)), tmp_path)

    assert "(50 rows)" in written.text


def test_a_second_report_replaces_the_first(tmp_path: Path) -> None:
    """In the same folder: nothing of the first is left, and what a person put there is."""
    write_report(answers.search(), tmp_path)
    (tmp_path / "figures" / "mine.svg").write_text("mine")
    write_report(answers.EMPTY, tmp_path)
    write_report(answers.EMPTY, tmp_path / "fresh")

    names = {path.relative_to(tmp_path / "fresh").as_posix() for path in (tmp_path / "fresh").rglob("*.*")}
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*") if "fresh" not in path.parts} == {
        *names,
        "figures/mine.svg",
    }
    assert (tmp_path / "report.html").read_bytes() == (tmp_path / "fresh" / "report.html").read_bytes()
