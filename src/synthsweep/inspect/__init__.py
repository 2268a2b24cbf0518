"""What a pool is like beside the real corpus, before anything is trained: survey -> inspection -> page."""
