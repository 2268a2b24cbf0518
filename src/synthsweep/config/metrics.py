"""The names of metrics, as tags, keys and reports have them."""

# Per criterion, and averaged over criteria.
AVERAGED = ("precision", "recall", "f1", "average_precision", "roc_auc", "brier", "ece")
# All that a run is scored by.
SCORED = (*AVERAGED, "support", "predicted_positives", "threshold")
# The same where each text carries exactly one label, and the most probable one is predicted.
CLASS_SCORED = (*AVERAGED, "accuracy", "support", "predicted_positives")
# Those that `compare` computes anew, with intervals.
COMPARED = ("precision", "recall", "f1", "average_precision", "brier")
# The share of texts whose class is predicted, where each text carries exactly one label.
ACCURACY = "accuracy"
# With fewer positives, one text more or less found moves recall by more than ten points.
FEW_POSITIVES = 10
# How the names of the metrics of a subgroup begin.
SUBGROUP = "subgroup"
# What it takes to classify 1,000 texts; dollars only of a classifier that is asked about each text.
SECONDS_PER_1000, USD_PER_1000 = "time/s_per_1000", "cost/usd_per_1000"
# The score that a run is known by.
PRIMARY = "test/average_precision/macro"
