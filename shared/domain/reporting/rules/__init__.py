"""What a month is, without a database: its states, its figures and ratios, its differences."""
