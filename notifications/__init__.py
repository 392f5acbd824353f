"""The words of a notice, its moment and its channel; owns no table and knows no database."""
