"""Who works in the demo chain, and how they sign in.

All share one password, which is no secret: it is printed at every start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from deploy.demo import names
from deploy.demo.generator import Chain
from deploy.demo.shapes import StorePlan
from tenants.provisioning import Role

PASSWORD = "rollbook"
HQ = ""  # the place of headquarters' people, beside the stores' codes

# as the role column of specification 3 has them
ROLE_NAMES: dict[Role, str] = {
    "HQA": "总部管理员 HQ admin",
    "HQN": "总部分析员 HQ analyst",
    "MGR": "店长 Store manager",
    "FD": "前台 Front desk",
    "CON": "美容顾问 Consultant",
    "BEA": "美容师 Beautician",
    "AUD": "审计员 Auditor",
}
OWNED = ("008", "009", "010")  # one franchisee has three stores


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person: a login, and a role in each of some places.

    Shape: `places` are store codes, or HQ.
    """

    login: str
    name: str
    role: Role
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What is printed for who wants to look around."""

    login: str
    password: str
    name: str
    role: str
    place: str


def cast(chain: Chain) -> list[Person]:
    """Name everybody; the large chain has managers and front desks only."""
    rng = Random(f"{chain.seed}/people")
    is_large = len(chain.plans) > 20
    people = [
        _person("hq", "HQA", HQ, rng=rng),
        _person("analyst", "HQN", HQ, rng=rng),
        _person("auditor", "AUD", HQ, "005", rng=rng),
        _person("owner", "MGR", *OWNED, rng=rng),
    ]
    for plan in chain.plans:
        people += _staff(plan, rng, is_large=is_large)
    known = {plan.code for plan in chain.plans} | {HQ}
    return [person for person in people if any(place in known for place in person.places)]


def shown_logins(chain: Chain) -> list[Login]:
    """Choose the logins worth printing: headquarters', and those of a few telling stores."""
    places = {plan.code: plan.name for plan in chain.plans} | {HQ: "总部"}
    shown = {"hq", "analyst", "auditor", "owner"}
    telling = [plan.code for plan in chain.plans if plan.code in ("001", "005", "012")]
    shown |= {f"{kind}{code}" for kind in ("m", "d") for code in telling or ["001"]}
    return [
        Login(
            login=person.login,
            password=PASSWORD,
            name=person.name,
            role=ROLE_NAMES[person.role],
            place="、".join(places[place] for place in person.places if place in places),
        )
        for person in cast(chain)
        if person.login in shown
    ]


def manager(plan: StorePlan) -> str:
    """Name the login of a store's manager."""
    return f"m{plan.code}"


def cashiers(plan: StorePlan) -> Sequence[str]:
    """Name the logins of a store's two front desks."""
    return (f"d{plan.code}", f"d{plan.code}b")


def _staff(plan: StorePlan, rng: Random, *, is_large: bool) -> list[Person]:
    staff = [_person(manager(plan), "MGR", plan.code, rng=rng)]
    staff += [_person(login, "FD", plan.code, rng=rng) for login in cashiers(plan)]
    if not is_large:
        staff.append(_person(f"c{plan.code}", "CON", plan.code, rng=rng))
        staff.append(_person(f"b{plan.code}", "BEA", plan.code, rng=rng))
    return staff


def _person(login: str, role: Role, *places: str, rng: Random) -> Person:
    return Person(login=login, name=names.full_name(rng), role=role, places=places)
