"""The demo chain's story: the same every time, and shaped like a real chain's."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from deploy.demo import generator, stores
from deploy.demo.generator import Chain, plan_chain, tell
from deploy.demo.shapes import StoreStory
from shared import days

TODAY = date(2026, 7, 15)


@pytest.fixture(scope="module")
def chain() -> Chain:
    return plan_chain("small", today=TODAY)


@pytest.fixture(scope="module")
def stories(chain: Chain) -> dict[str, StoreStory]:
    return {plan.slug: tell(chain, plan) for plan in chain.plans}


def test_the_same_seed_and_day_tell_the_same_story(
    chain: Chain, stories: dict[str, StoreStory]
) -> None:
    again = plan_chain("small", today=TODAY)
    assert tell(again, again.plans[0]) == stories[chain.plans[0].slug]
    other = plan_chain("small", today=TODAY, seed=1)
    assert tell(other, other.plans[0]) != stories[chain.plans[0].slug]


def test_stores_may_be_told_in_any_order(chain: Chain, stories: dict[str, StoreStory]) -> None:
    assert tell(chain, chain.plans[-1]) == stories[chain.plans[-1].slug]


@pytest.mark.parametrize(
    "today", [date(2026, 7, 15), date(2026, 3, 1), date(2028, 3, 1), date(2027, 1, 2)]
)
def test_the_story_always_ends_yesterday_and_spans_fourteen_months(today: date) -> None:
    chain = plan_chain("small", today=today)
    assert chain.last_day == today - timedelta(days=1)
    assert len(chain.months) == generator.MONTHS
    story = tell(chain, chain.plans[0])
    assert story.receipts[0].day <= chain.first_day + timedelta(days=1)
    assert max(receipt.day for receipt in story.receipts) == chain.last_day


def test_only_finished_months_have_costs(chain: Chain, stories: dict[str, StoreStory]) -> None:
    for story in stories.values():
        traded = [
            month for month in chain.months[:-1] if story.plan.opened_on < days.next_month(month)
        ]
        assert list(story.costs) == traded
        assert all(amount >= 0 for lines in story.costs.values() for amount in lines.values())


def test_a_store_has_about_390_visits_a_month(stories: dict[str, StoreStory]) -> None:
    everyone = sum(len(story.receipts) for story in stories.values())
    assert 360 < everyone / len(stories) / generator.MONTHS < 420


def test_nobody_comes_twice_on_a_day_and_receipts_are_numbered_once(
    stories: dict[str, StoreStory],
) -> None:
    for story in stories.values():
        visits = [(receipt.day, receipt.guest.number) for receipt in story.receipts]
        assert len(set(visits)) == len(visits)
        assert len({receipt.number for receipt in story.receipts}) == len(visits)


def test_guests_come_again_after_days_that_people_have(stories: dict[str, StoreStory]) -> None:
    last: dict[str, date] = {}
    gaps: Counter[int] = Counter()
    for receipt in stories["jingan"].receipts:
        number = receipt.guest.number
        if number in last:
            gaps[(receipt.day - last[number]).days] += 1
        last[number] = receipt.day
    assert min(gaps) >= 1
    fortnight = sum(gaps[gap] for gap in range(10, 19))
    month = sum(gaps[gap] for gap in range(22, 36))
    everything = gaps.total()
    assert fortnight > everything * 0.25
    assert month > everything * 0.2


def test_many_guests_come_once_or_twice_only(stories: dict[str, StoreStory]) -> None:
    times = Counter(receipt.guest.number for receipt in stories["chaoyang"].receipts)
    rare = sum(1 for count in times.values() if count <= 2)
    assert 0.25 < rare / len(times) < 0.65
    assert max(times.values()) > 20


def test_weekends_and_campaigns_are_busy_and_the_feast_is_quiet(
    stories: dict[str, StoreStory],
) -> None:
    a_day = Counter(receipt.day for story in stories.values() for receipt in story.receipts)

    def average(first: date, last: date) -> float:
        told = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return sum(a_day[day] for day in told) / len(told)

    ordinary = average(date(2025, 9, 1), date(2025, 9, 27))
    assert average(date(2025, 11, 7), date(2025, 11, 11)) > ordinary * 1.2
    assert average(date(2026, 3, 4), date(2026, 3, 8)) > ordinary * 1.2
    assert average(date(2026, 2, 16), date(2026, 2, 20)) < ordinary * 0.4
    weekdays: dict[int, int] = defaultdict(int)
    for day, count in a_day.items():
        weekdays[day.isoweekday()] += count
    assert weekdays[6] > weekdays[2] * 1.3


def test_the_slack_store_shrinks_and_the_young_one_grows(stories: dict[str, StoreStory]) -> None:
    def turnover(slug: str, month: date) -> int:
        return sum(
            receipt.total_fen
            for receipt in stories[slug].receipts
            if receipt.day.replace(day=1) == month
        )

    assert turnover("xinjiekou", date(2026, 6, 1)) < turnover("xinjiekou", date(2025, 6, 1)) * 0.9
    assert turnover("guanyinqiao", date(2026, 6, 1)) > turnover("guanyinqiao", date(2026, 1, 1))
    assert turnover("guanyinqiao", date(2025, 11, 1)) == 0


def test_money_is_missing_on_one_persons_shifts_only(stories: dict[str, StoreStory]) -> None:
    drawers = stories["tianhe"].drawers
    short = [drawer for drawer in drawers if drawer.variance_fen <= -20_00]
    assert len(short) >= 8
    assert {drawer.cashier for drawer in short} == {1}
    assert all(drawer.variance_reason for drawer in drawers if drawer.variance_fen)
    assert not [d for d in stories["chaoyang"].drawers if d.variance_fen <= -20_00]


def test_a_shut_store_sells_nothing(stories: dict[str, StoreStory]) -> None:
    for story in stories.values():
        for receipt in story.receipts:
            assert receipt.day not in story.shut_days
            assert receipt.day.isoweekday() not in story.plan.shut_weekdays


def test_items_are_sold_only_while_they_are_on_the_list(stories: dict[str, StoreStory]) -> None:
    for story in stories.values():
        for receipt in story.receipts:
            for line in receipt.lines:
                assert (line.item.on_sale_from or receipt.day) <= receipt.day
                assert receipt.day <= (line.item.on_sale_to or receipt.day)
                assert line.amount_fen > 0


def test_wechat_is_the_usual_means_of_payment(stories: dict[str, StoreStory]) -> None:
    tenders = Counter(receipt.tender for receipt in stories["xihu"].receipts)
    assert tenders.most_common(1)[0][0] == "WECHAT"
    assert tenders["CASH"] > 100


def test_the_large_chain_has_two_hundred_different_stores() -> None:
    chain = plan_chain("large", today=TODAY)
    assert len(chain.plans) == 200
    assert chain.plans[:12] == stores.twelve(chain.first_day)
    for key in ("code", "slug", "name"):
        assert len({getattr(plan, key) for plan in chain.plans}) == 200
    assert all(len(plan.code) == 3 and plan.visits_a_month > 100 for plan in chain.plans)
    assert tell(chain, chain.plans[77]).receipts
