"""A clinician's blind verdicts on a sample of texts: draw it, write it out, read the answers back, compute what they say."""
