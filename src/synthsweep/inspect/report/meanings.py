"""The title, meaning and range of each characteristic, in plain words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """`says` explains the characteristic, `range` is in mathematical notation, `decimals` is how many are shown."""

    title: str
    says: str = ""
    range: str = ""
    decimals: int = 2


SHARE = "[0, 1]"
COSINE = "[−1, 1]"
COUNT = "[1, n]"
TEXTS = {
    "length": Meaning("Length", "words per text", "from 0", 0),
    "type_token_ratio": Meaning("Type-token ratio", "different words over all words; falls as texts grow", "(0, 1]"),
    "mattr": Meaning("MATTR", "type-token ratio in a moving window, which length does not change", "(0, 1]"),
    "perplexity": Meaning("Perplexity", "how unexpected a text is to a model of the real ones; high: unlike them", "from 1", 0),
    "nearest_real": Meaning("Nearest real text", "cosine to the nearest real training text; 1: the same meaning", COSINE),
    "centroid": Meaning("Class centroid", "cosine to the mean of the real texts with the same criteria", COSINE),
    "self_similarity": Meaning(
        "Self-similarity", "mean cosine to the other texts of its side; high: texts are much alike", COSINE
    ),
}
POOL = {
    "length_sd": Meaning("Spread of length", "standard deviation of words per text", "from 0", 1),
    "distinct_1": Meaning("Distinct 1", "different words over all words", "(0, 1]", 3),
    "distinct_2": Meaning("Distinct 2", "different pairs of words over all pairs", "(0, 1]", 3),
    "distinct_3": Meaning("Distinct 3", "different runs of three words over all runs", "(0, 1]", 3),
    "compression_ratio": Meaning("Compression ratio", "bytes over compressed bytes; high: texts repeat one another", "above 0"),
    "near_duplicates_lexical": Meaning(
        "Near-duplicates, by words", "share with a near copy among them, by character n-grams", SHARE, 3
    ),
    "near_duplicates_semantic": Meaning(
        "Near-duplicates, by meaning", "share with a near copy among them, by embedding", SHARE, 3
    ),
    "leak_share_lexical": Meaning(
        "Near dev or test, by words", "share with a near copy in dev or test, by character n-grams", SHARE, 3
    ),
    "leak_share_semantic": Meaning(
        "Near dev or test, by meaning", "share with a near copy in dev or test, by embedding", SHARE, 3
    ),
    "self_similarity_within": Meaning("Self-similarity within", "mean cosine of texts that share a criterion", COSINE),
    "self_similarity_across": Meaning("Self-similarity across", "mean cosine of texts that share none", COSINE),
    "vendi_q0.5": Meaning(
        "Vendi score, q = 0.5", "how many wholly different texts the pool is worth; rare ones count much", COUNT, 1
    ),
    "vendi_q1": Meaning("Vendi score, q = 1", "the same; each text counts as often as it is", COUNT, 1),
    "vendi_q2": Meaning("Vendi score, q = 2", "the same; frequent meanings count more", COUNT, 1),
    "vendi_qinf": Meaning("Vendi score, q = ∞", "the same; the most frequent meaning alone", COUNT, 1),
}
# The page has a separate table for these.
LABELS = "label_"


def meaning_of(name: str) -> Meaning:
    """The meaning of a characteristic of texts or of a pool; an unknown name is its own title."""
    return TEXTS.get(name) or POOL.get(name) or Meaning(name.replace("_", " ").replace("/", ": ").capitalize())
