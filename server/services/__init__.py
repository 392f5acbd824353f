"""One verb per file: load, decide, write, feed. A service is a plain function of a Connection and never commits."""
