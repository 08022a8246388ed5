"""What cards mean to business days, as SQL that the day's figures are built on.

Units: additive integers; bonus money and gift sessions are worth 0, a reversal takes its entry
    back on its own day. A deduction is a visit unless it was reversed on the same day.
"""

# Treatments and products that cards paid on the days `:days`.
USED_SQL = """
SELECT e.business_date AS day, c.customer_id, e.kind, e.category, e.quantity, e.value_fen,
       e.cost_fen
FROM card_entries e JOIN cards c ON c.id = e.card_id
WHERE e.business_date = ANY(:days) AND e.category IS NOT NULL
"""

# Guests who were served so; `{days}` is a condition on `e.business_date`.
_SERVED = """
SELECT e.business_date AS day, c.customer_id
FROM card_entries e JOIN cards c ON c.id = e.card_id
WHERE {days} AND e.kind IN ('DEDUCT', 'GIFT_SESSION') AND NOT EXISTS (
    SELECT FROM card_entries r WHERE r.card_id = e.card_id AND r.reverses = e.seq
        AND r.business_date = e.business_date)
"""
SERVED_SQL = _SERVED.format(days="e.business_date = ANY(:days)")
SERVED_BETWEEN_SQL = _SERVED.format(days="e.business_date BETWEEN :first AND :last")

# How the money that is still to be earned changed on the days `:days`.
PREPAID_SQL = """
SELECT business_date AS day, sum(principal_after_fen - principal_before_fen) AS prepaid_fen
FROM card_entries WHERE business_date = ANY(:days) GROUP BY business_date
"""

# First days on which a card paid something of value, for who is a new customer when.
FIRST_VALUE_SQL = """
SELECT c.customer_id, min(e.business_date) AS day
FROM card_entries e JOIN cards c ON c.id = e.card_id
WHERE e.kind = 'DEDUCT' AND e.value_fen > 0 GROUP BY c.customer_id
"""
