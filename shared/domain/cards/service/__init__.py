"""Verbs of cards.

For others, each with `act=rules.Act(key=, by_id=, day=, now=, sign=, source=)`; the guest's
signature is an attachment, of a declared form or sent for a card:

    deducting.deduct_session(session, card_id=, item_id=, act=) -> CardEntry
    deducting.deduct_value(session, card_id=, item_id=, amount_fen=, act=, quantity=1) -> CardEntry
    deducting.reverse(session, card_id=, seq=, reason=, act=) -> CardEntry

They raise `ledger.BalanceShort` (409 BALANCE_SHORT), `ledger.CardNotUsable` (409 STATE: frozen,
expired, given back), FormInvalid (REQUIRED without signature) and MonthClosed of
`shared.records.periods`. Selling and giving back are the till's verbs, `recording` and
`card_refunds` of `sales.service`.
"""
