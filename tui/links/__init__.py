"""One small client for each thing outside."""
