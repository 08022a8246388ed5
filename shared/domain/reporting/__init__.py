"""Reporting 报表: day rows, month rows with revisions, the month close.

Form: F10 monthly detail 月营业明细表, F17 monthly sales 店月份销售业绩报表; workflow W9 月结.
"""
