"""Where runs are kept: a protocol for writing a run and one for reading, a recording in memory, and MLflow behind them."""
