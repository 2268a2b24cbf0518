"""Replies: stored as they arrive, then parsed and screened; unusable pieces become Rejected, with a reason."""
