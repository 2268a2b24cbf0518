"""The words of a report, each with its meaning, linked where they first occur in a paragraph or a table; pure."""

import re

from markupsafe import Markup, escape

# Longer words come first, so that "average precision" is not read as "precision".
MEANINGS = {
    "average precision": "How well the classifier ranks texts by their probability, from 0 to 1, whatever the threshold: the "
    "mean of the precision at each positive text. A random ranking scores the share of positives.",
    "95 % interval": "The range in which the true change lies in 95 of 100 such studies, if texts and seeds were drawn anew.",
    "operating point": "How many texts the classifier calls positive. A lower threshold gives more recall and less precision "
    "without any better ranking.",
    "sign-flip": "A test that flips the sign of each seed's change: it speaks of training variation on this test set only.",
    "training steps": "How often the classifier's weights were updated. More texts mean more steps, unless "
    "training.match_steps=true.",
    "false positives": "Texts that the classifier assigns to a criterion that they do not show.",
    "true positives": "Texts that show a criterion and that the classifier finds.",
    "Brier score": "The mean squared error of the probabilities; lower is better.",
    "criterion": "One of the labels that the classifier predicts; a text may show several.",
    "threshold": "The probability from which on a text counts as positive; by default chosen on dev, per criterion.",
    "detectable": "The smallest true change that a study of these seeds and texts finds as often as compare.power says.",
    "precision": "Of the texts that the classifier calls positive, the share that are.",
    "baseline": "What each arm is compared with: by default the real texts alone.",
    "positives": "Texts that show a criterion.",
    "ranking": "How well positive texts are ordered before negative ones: the arm when it calls as many texts positive as the "
    "baseline does.",
    "TF-IDF": "Word counts with logistic regression: a simple classifier that a trained BERT must beat.",
    "corpus": "The real texts, split into train, dev and test.",
    "recall": "Of the texts that show a criterion, the share that the classifier finds.",
    "micro": "Computed over the decisions on all criteria together, so frequent criteria weigh more.",
    "macro": "The mean over the criteria, so each weighs the same.",
    "pool": "The synthetic texts of one LLM and one prompt.",
    "seed": "One repetition: it draws the training texts, the initial weights and their order.",
    "Holm": "A correction for many tests at once: with no effect at all, the chance of any false finding stays below 5 %.",
    "arm": "One training set or setting that is compared with the baseline.",
    "F1": "The harmonic mean of precision and recall.",
    "sd": "Standard deviation: how far values lie from their mean.",
    "q": "False discovery rate: the expected share of false findings among all with a q this small.",
    "p": "How often chance alone gives a change this large if there is none.",
}
_BY_FOLDED = {word.casefold(): word for word in MEANINGS}
# A single letter is a word of the glossary only by itself, as the head of a column.
_LONG = "|".join(re.escape(word) for word in MEANINGS if len(word) > 1)
_WORD = re.compile(rf"(?<![\w.=-])({_LONG})s?(?![\w=-])(?!\.\w)", re.IGNORECASE)


def anchor(word: str) -> str:
    """The id of a word's entry."""
    return "word-" + re.sub(r"\W+", "-", word.casefold()).strip("-")


def with_terms(text: str) -> Markup:
    """The escaped text, in which the first occurrence of each word of the glossary links to its meaning."""
    if (word := _BY_FOLDED.get(text.casefold())) is not None:
        return _link(word, text)
    parts, end, seen = [], 0, set()
    for found in _WORD.finditer(text):
        word = _BY_FOLDED[found[1].casefold()]
        if word not in seen:
            parts += [escape(text[end : found.start()]), _link(word, found[0])]
            seen.add(word)
            end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _link(word: str, shown: str) -> Markup:
    return Markup('<a class="term" href="#{}" title="{}">{}</a>').format(anchor(word), MEANINGS[word], shown)
