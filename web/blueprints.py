"""Every address of the application, in one list: JSON first, then pages."""

from flask import Blueprint, Flask

from shared.domain.registers import REGISTERS
from web import api_docs, health, metrics, pages
from web.api import Api, ApiBlueprint
from web.appointments import api as appointments
from web.appointments import settings_api as booking_settings
from web.appointments import treatments_api as treatments
from web.appointments import visits_api as visits
from web.cards import api as cards
from web.cards import offers_api as card_offers
from web.catalog import api as catalog
from web.catalog import stock_api as stock
from web.customers import api as customers
from web.customers import follow_up_api as follow_up
from web.customers import grade_api as grades
from web.customers import merge_api as merges
from web.frame import components
from web.frame import guest_api as guests
from web.franchise import api as franchise
from web.franchise import plans_api as store_plans
from web.jobs import api as job_centre
from web.notifications import api as notifications
from web.notifications import settings_api as notice_settings
from web.people import account_api as account
from web.people import api as people_api
from web.privacy import api as privacy
from web.records import api as records
from web.records import attachments
from web.reporting import api as reporting
from web.reporting import close_api as month_close
from web.reporting import plan_api as plans
from web.sales import api as sales
from web.sales import cash_api as cash
from web.sales import deposits
from web.sales import imports_api as imports
from web.sales import pictures_api as cash_pictures
from web.sales import visits_api as settlements
from web.surveys import api as links
from web.traffic import api as traffic

API: tuple[ApiBlueprint, ...] = (
    account.blueprint,
    cards.blueprint,
    card_offers.blueprint,
    appointments.blueprint,
    booking_settings.blueprint,
    treatments.blueprint,
    visits.blueprint,
    catalog.blueprint,
    cash.blueprint,
    cash_pictures.blueprint,
    customers.blueprint,
    follow_up.blueprint,
    deposits.api,
    franchise.blueprint,
    grades.blueprint,
    guests.blueprint,
    imports.blueprint,
    job_centre.blueprint,
    links.blueprint,
    merges.blueprint,
    month_close.blueprint,
    notifications.blueprint,
    notice_settings.blueprint,
    people_api.blueprint,
    plans.blueprint,
    privacy.blueprint,
    reporting.blueprint,
    sales.blueprint,
    settlements.blueprint,
    attachments.api,
    stock.blueprint,
    traffic.blueprint,
    store_plans.blueprint,
    *(records.made_for(register) for register in REGISTERS),
)
PAGES: tuple[Blueprint, ...] = (
    health.blueprint,
    metrics.blueprint,
    api_docs.blueprint,
    *pages.PAGES,
)


def register(app: Flask, api: Api) -> None:
    """Hang every capability's addresses into the app."""
    for blueprint in API:
        api.register_blueprint(blueprint)
    for shown in PAGES:
        app.register_blueprint(shown)
    if app.config["ROLLBOOK"].is_development:
        app.register_blueprint(components.blueprint)
