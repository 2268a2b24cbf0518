"""A trained classifier as a folder that transformers, MLflow and synthsweep load to the same predictions."""
