"""Work for which no request waits: sending notices, forgetting rows that nobody needs."""
