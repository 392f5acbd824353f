"""Routes for managers, finance and admin."""
