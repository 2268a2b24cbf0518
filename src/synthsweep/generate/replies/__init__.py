"""What was answered: stored as it arrived, then parsed and screened; what is of no use is Rejected, with its reason."""
