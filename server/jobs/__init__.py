"""Work nobody waits for: sending what must be heard, forgetting what nobody needs."""
