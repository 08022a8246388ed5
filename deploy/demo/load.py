"""Load the demo chain through the product itself: import jobs, cash days, months, letters.

Runs before web and workers start, or beside them. A load that was killed goes on at the next call.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from argon2 import PasswordHasher

from deploy.demo import cards, forms, generator, headquarters, marker, people
from deploy.demo.filling import Filling
from deploy.demo.generator import Chain, Size
from deploy.demo.marker import Marker
from deploy.demo.people import Login
from deploy.demo.progress import Progress
from deploy.demo.shapes import StorePlan
from deploy.demo.stores import CHAIN_NAME, CHINA
from deploy.faults import Fault
from shared import days
from shared.config import settings
from shared.domain.franchise.service import plan_sending, sending
from tenants import provisioning, registry
from tenants.people import identity
from tenants.provisioning import NewTenant
from tenants.registry import Tenant
from tenants.sessions import tenant_transaction
from workers.idle import Told, work_until_idle
from workers.sweeper import sweep_everything

THREADS = 3
JOBS_A_TENANT = 4  # about so many per stretch; the bar needs a number
LOOK_THERE = "The job centre (任务中心) names the error; --fresh begins anew."
HQ_SLUG = "hq"

T = TypeVar("T")
R = TypeVar("R")

# The newest finished month is not closed everywhere: somebody has something to do.
STAYS_REVIEWED, STAYS_COMPUTED = "005", "009"


def load(size: Size = "small", *, now: datetime, progress: Progress | None = None) -> list[Login]:
    """Load the demo chain as it stands on the day of `now`; give the logins to print.

    What is there already is left alone; a load that was killed goes on with its own story.
    Raises: workers.idle.StillBusy, and whatever a verb refuses.
    """
    begun = marker.read()
    if begun is None:
        today = days.business_day(now, zone=CHINA, change_hour=4)
        begun = Marker(
            size=size,
            today=today.isoformat(),
            months=generator.MONTHS,
            seed=generator.SEED,
            is_done=False,
        )
        marker.write(begun)
    elif settings().is_embedded and not begun.is_done:
        sweep_everything()  # what the killed load was doing
    chain = generator.plan_chain(begun.size, today=begun.day, seed=begun.seed, months=begun.months)
    if not begun.is_done:
        load_chain(chain, now=now, progress=progress or Progress())
        marker.write(replace(begun, is_done=True))
    return people.shown_logins(chain)


def load_chain(chain: Chain, *, now: datetime, progress: Progress) -> tuple[Tenant, list[Tenant]]:
    """Load a chain that has been planned; give its headquarters and stores."""
    hq, stores = _make_tenants(chain, progress)
    ids = _hire(chain, hq, stores, progress)
    headquarters.keep_files(hq, chain, stores)
    fillings = _open_books(chain, stores, ids, now=now, progress=progress)
    _work("导入与日汇总 Importing, rolling up days", stores, progress)
    _sell_cards(fillings, ids, progress)
    _in_threads("现金日报 Counting drawers", Filling.count_drawers, fillings, progress)
    _work("日汇总 Rolling up days", stores, progress)
    _fill_in_forms(chain, stores, ids, now=now, progress=progress)
    finish = _finisher(chain, now=now)
    _in_threads("月结复核 Computing and reviewing months", finish, fillings, progress)
    _work("上报总部 Reporting to headquarters", [*stores, hq], progress)
    _close_months(chain, hq, stores, ids, now=now, progress=progress)
    _report_at_once(hq, stores, now=now)
    progress.end()
    return hq, stores


def _make_tenants(chain: Chain, progress: Progress) -> tuple[Tenant, list[Tenant]]:
    progress.begin("开店 Opening stores", len(chain.plans) + 1)
    hq = _made(
        NewTenant(slug=HQ_SLUG, display_name=CHAIN_NAME, code="000", time_zone=CHINA),
        provisioning.create_hq,
    )
    progress.step()
    stores = []
    for plan in chain.plans:
        new = NewTenant(
            slug=plan.slug, display_name=plan.name, code=plan.code, time_zone=plan.time_zone
        )
        stores.append(_made(new, lambda new: provisioning.create_store(new, hq=hq)))
        progress.step()
    return hq, stores


def _made(new: NewTenant, make: Callable[[NewTenant], Tenant]) -> Tenant:
    if found := registry.tenant_by_slug(new.slug):
        return found
    return make(new)


def _hire(
    chain: Chain, hq: Tenant, stores: Sequence[Tenant], progress: Progress
) -> dict[str, UUID]:
    places = {store.code: store for store in stores} | {people.HQ: hq}
    cast = people.cast(chain)
    progress.begin("入职 Hiring", len(cast))
    password_hash = PasswordHasher().hash(people.PASSWORD)
    ids = {}
    for person in cast:
        ids[person.login] = _person_id(person, password_hash)
        for place in person.places:
            if place in places:
                provisioning.grant_role(ids[person.login], places[place], person.role)
        progress.step()
    return ids


def _person_id(person: people.Person, password_hash: str) -> UUID:
    if known := identity.credentials(person.login):
        return known.person.id
    return provisioning.add_person(
        login=person.login, name=person.name, password_hash=password_hash
    )


def _open_books(
    chain: Chain,
    stores: Sequence[Tenant],
    ids: dict[str, UUID],
    *,
    now: datetime,
    progress: Progress,
) -> list[Filling]:
    def open_one(plan: StorePlan, store: Tenant) -> Filling:
        filling = Filling(
            store, generator.tell(_own_chain(chain, plan, now=now), plan), ids, now=now
        )
        filling.open_books()
        filling.forget_receipts()  # two hundred stores' would not fit into memory
        return filling

    pairs = list(zip(chain.plans, stores, strict=True))
    what = "取历史小票 Receiving receipts"
    return _in_threads(what, lambda pair: open_one(*pair), pairs, progress)


def _sell_cards(fillings: Sequence[Filling], ids: dict[str, UUID], progress: Progress) -> None:
    """Before the drawers are counted: no receipt comes into a day that is closed."""

    def sell(filling: Filling) -> None:
        staff = forms.Staff.of(filling.story.plan, ids)
        days_counted = [drawer.day for drawer in filling.story.drawers]
        cards.keep_cards(filling.tenant, staff, days=days_counted)

    telling = [
        one for one in fillings if one.story.plan.code in forms.TELLING and one.story.drawers
    ]
    _in_threads("售卡与划卡 Selling and using cards", sell, telling, progress)


def _fill_in_forms(
    chain: Chain, stores: Sequence[Tenant], ids: dict[str, UUID], *, now: datetime,
    progress: Progress,
) -> None:  # fmt: skip
    """Before the months are closed: what lies in them is locked then."""
    telling = [
        (plan, store)
        for plan, store in zip(chain.plans, stores, strict=True)
        if plan.code in forms.TELLING
    ]

    def fill_in(pair: tuple[StorePlan, Tenant]) -> None:
        plan, store = pair
        today = days.business_day(now, zone=plan.time_zone, change_hour=4)
        forms.keep_forms(store, forms.Staff.of(plan, ids), now=now, today=today)

    _in_threads("填写表单 Filling in forms", fill_in, telling, progress)


def _own_chain(chain: Chain, plan: StorePlan, *, now: datetime) -> Chain:
    # where it is still yesterday, the story ends a day earlier
    today = days.business_day(now, zone=plan.time_zone, change_hour=4)
    return replace(chain, last_day=min(chain.last_day, today - timedelta(days=1)))


def _finisher(chain: Chain, *, now: datetime) -> Callable[[Filling], None]:
    newest = chain.finished_months[-1] if chain.finished_months else None

    def finish(filling: Filling) -> None:
        plan = filling.story.plan
        today = days.business_day(now, zone=plan.time_zone, change_hour=4)
        filling.finish_months(
            list(filling.story.costs),
            today=today,
            unreviewed=newest if plan.code == STAYS_COMPUTED else None,
        )
        filling.plan_year(today=today)

    return finish


def _close_months(
    chain: Chain,
    hq: Tenant,
    stores: Sequence[Tenant],
    ids: dict[str, UUID],
    *,
    now: datetime,
    progress: Progress,
) -> None:
    # one after the other, as a headquarters must: a month follows the one before it
    names = {person.login: person.name for person in people.cast(chain)}
    analyst, admin = ((ids[login], names[login]) for login in ("analyst", "hq"))
    kept = {store.name for store in stores if store.code == STAYS_REVIEWED}
    progress.begin("总部确认月结 Closing months", len(chain.finished_months))
    for month in chain.finished_months:
        is_newest = month == chain.finished_months[-1]
        headquarters.accept_month(
            hq, month, by=analyst, kept_back=kept if is_newest else (), now=now
        )
        _do_jobs([*stores, hq])
        progress.step()
    headquarters.approve_plans(hq, by=admin, kept_back=kept, now=now)
    _do_jobs([*stores, hq])


def _report_at_once(hq: Tenant, stores: Sequence[Tenant], *, now: datetime) -> None:
    for store in stores:
        with tenant_transaction(store) as session:
            day = days.business_day(now, zone=store.time_zone, change_hour=store.day_change_hour)
            sending.send_snapshots(session, hq=store.hq, day=day, now=now, at_once=True)
            plan_sending.send_plans(session, hq=store.hq, day=day, now=now)
    _do_jobs([*stores, hq])


def _in_threads(
    what: str, do: Callable[[T], R], places: Sequence[T], progress: Progress
) -> list[R]:
    progress.begin(what, len(places))
    done = []
    with ThreadPoolExecutor(THREADS, thread_name_prefix="load") as threads:
        for one in threads.map(do, places):
            done.append(one)
            progress.step()
    return done


def _work(what: str, tenants: Sequence[Tenant], progress: Progress) -> None:
    progress.begin(what, JOBS_A_TENANT * len(tenants))
    _do_jobs(tenants, lambda kind, outcome: progress.step())


def _do_jobs(tenants: Sequence[Tenant], told: Told | None = None) -> None:
    outcomes = work_until_idle(tenants, threads=THREADS, told=told)
    if dead := sorted({kind for kind, outcome in outcomes if outcome == "dead"}):
        raise Fault(f"jobs of the demo failed: {', '.join(dead)}", LOOK_THERE)
