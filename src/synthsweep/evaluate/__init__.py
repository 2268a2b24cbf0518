"""Probabilities to numbers and pictures: thresholds -> metrics, calibration -> figures; pure."""
