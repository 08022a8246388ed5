"""Questions about offers, cards, their entries and whether their chains hold."""
