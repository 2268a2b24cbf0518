"""A clinician's blind verdict on a sample: drawn, written out, read back, and what it says."""
