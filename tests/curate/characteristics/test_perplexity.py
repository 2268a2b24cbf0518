import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.lm.models import WittenBellInterpolated

from support.nltk_model import nltk_model
from synthsweep.curate.characteristics.perplexity import END, START, causal_perplexity, ngram_model, ngram_perplexity, predicted
from synthsweep.curate.characteristics.words import words_of
from synthsweep.errors import ModelError

REAL = ["he spun the wheel", "he lined up the cars", "she spun the wheel again"]
sentences = st.lists(st.sampled_from(["he", "spun", "the", "wheel", "cars", "never", "seen"]), min_size=1, max_size=8)


@given(words=sentences, order=st.integers(1, 3))
def test_it_is_nltks_own_perplexity_of_the_model(words: list[str], order: int) -> None:
    """2 to the cross-entropy; words that no real text has stand for one unknown word."""

    model = nltk_model([words_of(text) for text in REAL], order)

    found = ngram_perplexity(REAL, order)([" ".join(words)])

    assert found == pytest.approx([model.perplexity(list(predicted(words, order)))])


@given(words=sentences, order=st.integers(1, 3))
def test_each_probability_is_nltks(words: list[str], order: int) -> None:
    """To the last bit, for the numbers of earlier runs were made by it."""

    ours, theirs = (made([words_of(text) for text in REAL], order) for made in (ngram_model, nltk_model))

    for gram in predicted(words, order):
        assert ours.score(gram[-1], gram[:-1]) == theirs.unmasked_score(gram[-1], gram[:-1])


def test_after_a_context_it_is_nltks_witten_bell() -> None:
    """Where the last word is known: nltk's shares of single words replaced by ours in the end of the recursion."""

    ours = nltk_model([words_of(text) for text in REAL], 2)
    theirs = WittenBellInterpolated(2, vocabulary=ours.vocab, counter=ours.counts)
    left = theirs.estimator.alpha_gamma("wheel", ("the",))[1]
    moved = left * (ours.score("wheel") - theirs.score("wheel"))

    assert ours.score("wheel", ("the",)) == pytest.approx(theirs.score("wheel", ("the",)) + moved)


def test_two_words_by_hand() -> None:
    """One real text `a b`: 3 words with its end, all different, so each has (1 + 3/4) / 6 without a context.

    After a word seen once half of the weight is left for that.
    """

    single = (1 + 3 / 4) / 6
    follows = 1 / 2 + single / 2

    assert ngram_perplexity(["a b"], 2)(["a b"]) == pytest.approx([1 / follows])


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("context", [(), ("the",), (START,), ("never",), ("spun", "the")])
def test_probabilities_of_all_words_sum_to_1(order: int, context: tuple[str, ...]) -> None:
    """All known words, the end, and one word for all that is unknown."""

    model = ngram_model([words_of(text) for text in REAL], order)
    known = {word for text in REAL for word in words_of(text)}

    total = sum(model.score(word, context) for word in (*known, END, "never"))
    assert total == pytest.approx(1)


def test_texts_like_the_real_ones_are_less_unexpected() -> None:
    """A real one, its words in another order, and unknown words: finite, and each more unexpected than the last."""

    found = ngram_perplexity(REAL)(["he spun the wheel", "wheel the spun he", "quite other things here"])

    assert found.tolist() == sorted(found)
    assert np.isfinite(found).all()


def test_a_text_without_words_has_no_perplexity() -> None:
    """Nor has any text where no real text has words."""

    assert np.isnan(ngram_perplexity(REAL)(["", "..."])).all()
    assert np.isnan(ngram_perplexity(["..."])(["he spun"])).all()
    assert np.isnan(ngram_perplexity([])(["he spun"])).all()


@pytest.fixture
def tiny_gpt2(tmp_path: Path) -> str:
    """A GPT-2 of two random layers over a dozen words, as files."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    vocabulary = ["<unk>", "<start>", *sorted({word for text in REAL for word in words_of(text)})]
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(vocabulary)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<start>")
    torch.manual_seed(1)
    sizes = {"vocab_size": len(vocabulary), "n_positions": 16, "n_embd": 16, "n_layer": 2, "n_head": 2}
    # The weights of a new model are so small that all words would be as likely.
    model = GPT2LMHeadModel(GPT2Config(**sizes, initializer_range=1.0, bos_token_id=1, eos_token_id=1))
    for saved in (fast, model):
        saved.save_pretrained(tmp_path / "gpt2")
    return str(tmp_path / "gpt2")


def by_hand(folder: str, text: str) -> float:
    """From transformers' own loss of the text alone, behind the start token."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    ids = torch.tensor([[1, *AutoTokenizer.from_pretrained(folder)(text)["input_ids"]]])
    with torch.inference_mode():
        return math.exp(float(AutoModelForCausalLM.from_pretrained(folder).eval()(input_ids=ids, labels=ids).loss))


def test_a_causal_models_perplexity_is_exp_of_its_loss(tiny_gpt2: str) -> None:
    """Of each text alone, although texts are read in batches of like length."""

    texts = [*REAL, "wheel", "he spun"]
    expected = [by_hand(tiny_gpt2, text) for text in texts]

    for batch_size in (1, 2, 16):
        assert causal_perplexity(tiny_gpt2, batch_size=batch_size)(texts) == pytest.approx(expected, rel=1e-4)


def test_a_causal_model_reads_no_more_than_it_can(tiny_gpt2: str) -> None:
    """16 positions, of which the start takes one; a text without tokens is undefined."""

    perplexity = causal_perplexity(tiny_gpt2)

    assert perplexity(["wheel " * 40]) == pytest.approx([by_hand(tiny_gpt2, "wheel " * 15)], rel=1e-4)
    assert np.isnan(perplexity([""])).all()


def test_a_model_that_is_not_here_is_named(tmp_path: Path) -> None:
    """With the key that names it."""

    with pytest.raises(ModelError, match=r"characteristics\.perplexity must be ngram or a causal language model"):
        causal_perplexity(str(tmp_path / "nothing"))
