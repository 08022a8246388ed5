"""Receipts, refunds, the cash day and files of sales from elsewhere (收银).

Form: F08 daily cash report; the sales behind F10 and F17; W12 day close.
"""
