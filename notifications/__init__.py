"""What to say, when, and through which channel; owns no table and knows no database."""
