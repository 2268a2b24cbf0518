"""From finished runs to an answer: read -> grid -> contrasts -> effects -> report."""
