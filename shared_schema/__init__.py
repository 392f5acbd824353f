"""The words: one shape per thing that the phone stores, that crosses the wire and that merge folds. No logic."""
