"""What phone and server compute alike, a file per noun."""
