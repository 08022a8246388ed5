"""What a card is worth, how long it lives, and how its entries hang together."""
