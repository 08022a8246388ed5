"""Compute what the CDNOW file says, straight from the file, without one line of Rollbook.

    python cdnow_independent.py CDNOW_master.txt

prints JSON. Stand-alone on purpose: the standard library only, loops where the product has
set-based SQL, so that the same mistake is unlikely to be made twice.

The story told: the customers of one web shop are spread over eight stores, by number modulo
eight; one line of the file is one receipt. Money is whole cents.

    visit         one customer on one day with more than 0.00 in sum
    customers     different customers with at least one visit in the month
    new customer  the first visit ever lies in the month; a line of 0.00 is no paid visit
    receipts      lines of the file, those of 0.00 too
    quantity      discs, those of 0.00 lines too
    rank          by turnover, most first; the same turnover shares the better place
"""

import json
import sys
from collections import defaultdict

STORES = 8


def lines(path):
    with open(path, encoding="ascii") as file:
        next(file)  # the heads of the columns
        for line in file:
            customer, day, discs, dollars = line.split()
            whole, cents = dollars.split(".")
            yield int(customer), day, int(discs), int(whole) * 100 + int(cents)


def store_months(path):
    paid_on = defaultdict(int)  # (customer, day) -> cents
    months = defaultdict(lambda: {"turnover": 0, "receipts": 0, "quantity": 0})
    for customer, day, discs, cents in lines(path):
        month = months[f"{customer % STORES + 1:03d}", day[:6]]
        month["turnover"] += cents
        month["receipts"] += 1
        month["quantity"] += discs
        paid_on[customer, day] += cents

    first_paid, visitors, visits = {}, defaultdict(set), defaultdict(int)
    for (customer, day), cents in sorted(paid_on.items()):
        if cents > 0:
            here = f"{customer % STORES + 1:03d}", day[:6]
            first_paid.setdefault(customer, here)
            visitors[here].add(customer)
            visits[here] += 1
    new = defaultdict(int)
    for here in first_paid.values():
        new[here] += 1
    for here, month in months.items():
        month["visits"] = visits[here]
        month["customers"] = len(visitors[here])
        month["new_customers"] = new[here]
    return months


def chain_months(months):
    chain = defaultdict(lambda: defaultdict(int))
    for (_, month), figures in months.items():
        for name, amount in figures.items():
            chain[month][name] += amount
    return chain


def ranking(months):
    ranks = defaultdict(dict)
    for (store, month), figures in months.items():
        better = sum(
            1
            for (_, other_month), other in months.items()
            if other_month == month and other["turnover"] > figures["turnover"]
        )
        ranks[month][store] = better + 1
    return ranks


def main(path):
    months = store_months(path)
    print(  # noqa: T201
        json.dumps(
            {
                "stores": {f"{store} {month}": f for (store, month), f in sorted(months.items())},
                "chain": chain_months(months),
                "ranks": ranking(months),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
