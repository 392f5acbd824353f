"""The offline day: a demo organisation, phones as processes, a script, an oracle that believes nobody, and a report."""
