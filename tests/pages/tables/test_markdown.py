"""Tables in Markdown."""

import pytest

from synthsweep.pages.tables.markdown import markdown, plain_text


def test_a_table_has_a_heading_sides_and_rows() -> None:
    assert markdown([["a", "b"], ["1", "2"]], "lr") == "| a | b |\n| --- | ---: |\n| 1 | 2 |"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("llm=a|b", r"llm=a\|b"),
        ("[v2](x)", r"\[v2\](x)"),
        ("<b> & *x* `y`", r"&lt;b&gt; &amp; \*x\* \`y\`"),
        ("_x_ a_b", r"\_x\_ a_b"),
        ("two\nlines", "two lines"),
        ("average_precision 0.5", "average_precision 0.5"),
        ("C:\\x", r"C:\\x"),
    ],
)
def test_a_cell_is_shown_as_it_is(text: str, written: str) -> None:
    """Signs of Markdown and of HTML lose their meaning, and a name of two lines breaks no row."""

    assert plain_text(text) == written
