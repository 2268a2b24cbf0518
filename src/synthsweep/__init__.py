"""What do texts written by an LLM do to a BERT classifier, criterion by criterion?"""

__version__ = "0.1.0"
