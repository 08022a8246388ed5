"""Lines as a person reads them."""

from typing import Any

WIDTH = 66
MARKS = {True: "✓", False: "✗", None: " "}


def rows_of(told: dict[str, Any]) -> list[str]:
    """Write one line of the table: what, the ratio beside its goal, both sides' medians."""
    if "why" in told:
        return [f"  skipped {told['key']}: {told['why']}"]
    low, high = told["ratio_quartiles"]
    goal = f"goal {told['goal']}" if told["goal"] else "no goal"
    ratio = f"{MARKS[told['reached']]} {number(told['ratio']):>7}  {goal:<12}"
    sides = f"ours {amount(told['ours_median'], told['unit'])}"
    if told["beside_median"] is not None:
        sides += f", {told['beside_is']} {amount(told['beside_median'], told['unit'])}"
    spread = f"{told['how']} {number(low)}..{number(high)}, n={len(told['ratios'])}"
    rows = [f"{told['says'][:WIDTH]:<{WIDTH}} {ratio}", f"    {sides}; {spread}"]
    if told["note"]:
        rows.append(f"    {told['note']}")
    return rows


def number(value: float) -> str:
    """Write a ratio with three figures or so."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def amount(value: float, unit: str) -> str:
    """Write a side's median in its unit; seconds in what is handy."""
    if unit != "s":
        return f"{value:,.0f} {unit}" if value >= 10 else f"{value:.2f} {unit}"
    if value < 0.001:
        return f"{value * 1e6:.0f} µs"
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.1f} s"
