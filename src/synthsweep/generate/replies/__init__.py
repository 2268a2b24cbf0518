"""What was answered: kept as it arrived, parsed, screened."""
