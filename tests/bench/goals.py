"""The goals, line by line; each is a ratio of two things measured in turn in the same run.

Shape: the key of a line -> its goal. A line that is not here is told without one.
"""

from tests.bench.figures import Goal

GOALS: dict[str, Goal] = {
    "provision.cold": Goal(at_least=12),
    "provision.growth": Goal(at_most=1.15),
    "provision.signup": Goal(at_least=200),
    "provision.noop_queries": Goal(at_most=1),
    "memory.flat": Goal(at_most=1.1),
    "migrate.revision": Goal(at_least=200),
    "read.with_tenancy": Goal(at_least=0.92),
    "rollup.sql": Goal(at_most=1.7),
    "rollup.ten_changed": Goal(at_most=1 / 40),
    "rollup.scheduled": Goal(at_most=15),
    "months.page": Goal(at_most=1.3),
    "web.list": Goal(at_least=3),
    "web.sale": Goal(at_least=2),
    "jobs.bell": Goal(at_least=1.5),
    "jobs.with_row": Goal(at_least=1.5),
    "hq.ranking": Goal(at_most=2),
}
