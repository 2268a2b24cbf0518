from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import real
from synthsweep.config.keys.llm_parts import RewriterConfig
from synthsweep.errors import ConfigError, ModelError
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.offline.masked_lm import masked_lm
from synthsweep.generate.replies.parse import Parsed, parse_reply

VOCABULARY = ["red", "blue", "green", "train", "lamp", "the", "he", "saw", "box", "wheel", "turned", "spun", "tiny", "old"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TEXT = "He saw the red, old train (the tiny box) turned"


def write_model(folder: Path, *, head: bool = True, positions: int = 64, words: Sequence[str] = VOCABULARY) -> str:
    """A BERT of random weights with a WordPiece tokenizer of a few words; without its head, an encoder."""
    import torch
    from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

    folder.mkdir()
    vocabulary = [*SPECIAL, *words, "##s", "##ing", "7", ",", ".", "(", ")"]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    torch.manual_seed(1)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    model = BertForMaskedLM(BertConfig(vocab_size=len(vocabulary), max_position_embeddings=positions, **sizes))
    (model if head else model.bert).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=positions).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_model(tmp_path_factory.mktemp("models") / "tiny-bert")


def written(model: str, *, n: int = 8, sample: int = 0, text: str = TEXT, **keys: float) -> list[str]:
    rewriter = masked_lm([real("1", "A", "B", text=text)], RewriterConfig(model=model, **keys))
    pieces = parse_reply(rewriter.complete(CompletionRequest((), "A", n, sample)).text, "AB")
    assert all(isinstance(piece, Parsed) and frozenset("B") == piece.also for piece in pieces)
    return [piece.text for piece in pieces]


def cores(text: str) -> list[str]:
    return [word.strip(",()").casefold() for word in text.split()]


@pytest.mark.parametrize(("change", "count"), [(0.01, 1), (0.3, 3), (1.0, 10)])
def test_a_share_of_the_words_is_exchanged_for_whole_other_words(model: str, change: float, count: int) -> None:
    """At least one, never for a piece of a word, a mark or itself; each keeps its place."""

    for text in written(model, change=change):
        changed = [(new, old) for new, old in zip(cores(text), cores(TEXT), strict=True) if new != old]
        assert len(changed) == count
        assert {new for new, _ in changed} <= set(VOCABULARY)


def test_punctuation_and_capitals_stay_where_they_were(model: str) -> None:
    """What is exchanged is the word between them."""

    for text in written(model, change=1.0):
        words = text.split()
        assert words[0][0].isupper()
        assert (words[3][-1], words[6][0], words[8][-1]) == (",", "(", ")")


def test_words_are_drawn_by_what_the_model_reads(model: str) -> None:
    """The likeliest ones alone, so that of 14 words not all can come; but more than one."""

    seen = {cores(text)[0] for sample in range(30) for text in written(model, sample=sample, text="old", change=1.0)}

    assert 1 < len(seen) <= 10


@given(sample=st.integers(0, 50))
def test_criterion_and_sample_decide_every_word(model: str, sample: int) -> None:
    """A request can be answered again at any time."""

    assert written(model, sample=sample, n=3) == written(model, sample=sample, n=3)


def test_another_seed_or_sample_writes_other_texts(model: str) -> None:
    """Each request of a pool adds to it."""

    assert written(model) != written(model, seed=2)
    assert written(model) != written(model, sample=1)


def test_more_texts_than_a_batch_are_all_written(model: str) -> None:
    """A request has as many as it asks for."""

    assert len(written(model, n=70)) == 70


def test_what_the_model_cannot_read_stays(tmp_path: Path) -> None:
    """Its positions end before a long text does; marks alone are no words."""

    small = write_model(tmp_path / "small", positions=8)
    text = written(small, text="red " * 40 + "— —", n=1, change=1.0)[0]

    assert text.split()[-32:] == ["red"] * 30 + ["—", "—"]
    assert "red" not in text.split()[:4]


def test_its_name_says_which_model_it_is(model: str) -> None:
    """Two models write two pools; neither is an LLM's, whose texts are screened."""

    rewriter = masked_lm([], RewriterConfig(model=model))

    assert (rewriter.name, rewriter.finite, rewriter.screened) == ("masked_lm-tiny-bert", False, False)
    assert rewriter.complete(CompletionRequest((), "A", 1)) is None


def test_without_a_model_the_key_is_named() -> None:
    """None is shipped."""

    with pytest.raises(ConfigError, match=r"^llm\.rewriter\.model must name the masked language model"):
        masked_lm([], RewriterConfig())


def test_a_model_that_is_not_here_is_said_in_one_line(tmp_path: Path) -> None:
    """A name of the hub where there is no network, or a folder without one."""

    for name in ("owner/nowhere", str(tmp_path)):
        with pytest.raises(ModelError, match=r"^llm\.rewriter\.model=\S+: it cannot be loaded \(.*\); give a folder"):
            written(name)


def test_a_mark_that_few_tokens_begin_with_is_a_letter_like_others(tmp_path: Path) -> None:
    """Vocabularies of WordPiece hold those marks, too, and their words begin with none."""

    marked = write_model(tmp_path / "marked", words=[*VOCABULARY, "Ġ", "▁"])

    assert all(new != old for text in written(marked, change=1.0) for new, old in zip(cores(text), cores(TEXT), strict=True))


def test_a_model_that_knows_no_word_is_said_in_one_line(tmp_path: Path) -> None:
    """There is nothing to exchange a word for."""

    wordless = write_model(tmp_path / "wordless", words=["1", "2", "##ab"])

    with pytest.raises(ModelError, match=r"^llm\.rewriter\.model=\S+wordless: none of its \d+ tokens is a word: take another"):
        written(wordless)


def test_an_encoder_without_a_head_is_refused(tmp_path: Path) -> None:
    """The library would draw one at random, and it would fill masks with noise."""

    with pytest.raises(ModelError, match="it has no head that fills masks"):
        written(write_model(tmp_path / "encoder", head=False))
