"""The index of the headquarters portal: where a person of the headquarters can go.

Form: specification 13.
"""

from flask_babel import lazy_pgettext as _p

from web.frame.destinations import OF_EVERY_TENANT, Destination, Section

HEADQUARTERS = (
    Section(
        text="",
        destinations=(
            Destination(
                endpoint="home_page.home",
                text=_p("tab", "Dashboard"),
                icon="layout-dashboard",
                covers=("chain_pages.ranking",),
            ),
            Destination(
                endpoint="chain_pages.stores", text=_p("tab", "Stores"), icon="building-store"
            ),
            Destination(
                endpoint="store_plan_pages.plans",
                text=_p("tab", "Plans of the stores"),
                icon="target-arrow",
            ),
            Destination(
                endpoint="adjustment_pages.listed",
                text=_p("tab", "Adjustments"),
                icon="arrows-join",
            ),
        ),
    ),
    Section(
        text=_p("section", "Settings"),
        name="settings",
        destinations=OF_EVERY_TENANT,
    ),
)
