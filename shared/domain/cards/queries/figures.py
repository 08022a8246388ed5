"""What cards mean to business days, as SQL that the day's figures are built on.

Units: additive integers; bonus money and gift sessions are worth 0, a reversal takes its entry
    back on its own day. A deduction is a visit unless it was reversed on the same day.
"""

_ENTRIES = """
SELECT e.business_date AS day, c.customer_id, e.card_id, e.seq, e.reverses, e.kind, e.category,
       e.quantity, e.value_fen, e.cost_fen,
       e.principal_after_fen - e.principal_before_fen AS principal_fen
FROM card_entries e JOIN cards c ON c.id = e.card_id WHERE e.business_date
"""
# All entries of the days `:days`; those with a category are treatments and products that cards
# paid, and all together tell how the money that is still to be earned changed.
ENTRIES_SQL = f"{_ENTRIES} = ANY(:days)"
ENTRIES_BETWEEN_SQL = f"{_ENTRIES} BETWEEN :first AND :last"

# Guests who were served so, of the entries that a common table expression `entry` holds.
SERVED_SQL = """
SELECT day, customer_id FROM entry e
WHERE kind IN ('DEDUCT', 'GIFT_SESSION') AND NOT EXISTS (
    SELECT FROM entry r WHERE r.card_id = e.card_id AND r.reverses = e.seq AND r.day = e.day)
"""

# First days on which a card paid something of value, for who is a new customer when.
FIRST_VALUE_SQL = """
SELECT c.customer_id, min(e.business_date) AS day
FROM card_entries e JOIN cards c ON c.id = e.card_id
WHERE e.kind = 'DEDUCT' AND e.value_fen > 0 GROUP BY c.customer_id
"""
