"""README and the guide hold together: links, the index, sizes."""

from urllib.parse import urlsplit

import pytest

from support.guide_pages import GUIDE, OTHERS, PAGES, README, SHELL, anchors, blocks, links


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    """To a file, and to a heading of it; what leads into the web is left alone."""

    broken = []
    for link in links(page):
        address = urlsplit(link)
        target = (PAGES[page].parent / address.path).resolve() if address.path else PAGES[page]
        if address.scheme:
            continue
        if not target.exists() or (address.fragment and address.fragment not in anchors(target)):
            broken.append(link)

    assert broken == []


def test_the_index_names_every_topic_once() -> None:
    """In a line of its own that says what the topic is for."""

    listed = [link.removesuffix(".md") for link in links("index") if link.endswith(".md")]

    assert sorted(listed) == sorted(set(PAGES) - {"README", "index"})


def test_readme_is_short() -> None:
    """At most 10,000 bytes, so that it is read."""

    assert README.stat().st_size <= 10_000


@pytest.mark.parametrize("page", PAGES)
def test_every_block_says_what_it_is(page: str) -> None:
    """So that no command hides from the test that runs them all."""

    assert {block.language for block in blocks(page)} <= {*SHELL, *OTHERS}


def test_a_page_begins_with_its_title() -> None:
    """The list of topics and the terminal show it."""

    assert [page.name for page in GUIDE.glob("*.md") if not page.read_text(encoding="utf-8").startswith("# ")] == []
