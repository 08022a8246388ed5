"""Franchise 加盟: what stores report to their headquarters, and what it makes of it.

Form: snapshots 上报快照, aggregation 汇总 (9.3, C13), ranking 排名, the store file 门店档案.
"""
