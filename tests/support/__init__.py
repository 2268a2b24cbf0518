"""What several tests build on: small corpora, models, servers, databases."""
