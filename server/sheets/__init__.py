"""Files of rows, read with suspicion and written so that a spreadsheet evaluates nothing: CSV, XLSX, JSON lines."""
