"""What all capabilities agree on about money.

Units: `_fen` is whole fen, a hundredth of the store's currency.
"""

MAX_FEN = 100_000_000_00  # one hundred million yuan: more is a slip of the finger
