"""The pages for people, in one list; the addresses for programs stand in web/blueprints.py."""

from flask import Blueprint

from web.appointments import (
    board_pages,
    booking_pages,
    reaction_pages,
    reception_pages,
    resource_pages,
    treatment_pages,
    visit_pages,
)
from web.appointments import guest_pages as guest_booking
from web.appointments import pages as appointments
from web.cards import acts as card_acts
from web.cards import offer_pages as card_offers
from web.cards import pages as cards
from web.catalog import pages as items
from web.catalog import stock_pages as stock
from web.customers import follow_up_pages as follow_up
from web.customers import grade_pages as grades
from web.customers import merge_pages as merges
from web.frame import guest, home, places, search
from web.franchise import adjustment_pages as adjustments
from web.franchise import pages as chain
from web.franchise import plan_pages as store_plans
from web.jobs import pages as job_pages
from web.notifications import channel_pages, my_pages, send_log_pages, wording_pages
from web.notifications import pages as notices
from web.people import (
    account_pages,
    entrance,
    invitation_pages,
    resets,
    second_factor_pages,
    token_pages,
)
from web.people import pages as people_pages
from web.privacy import pages as privacy
from web.records import attachments, picking
from web.records import pages as records
from web.records.exports import EXPORTS
from web.records.imports import IMPORTS
from web.records.papers import PAPERS
from web.reporting import effect_pages as effects
from web.reporting import month_files, plan_files, plan_pages
from web.reporting import pages as months
from web.reporting import plan_edit_pages as plan_editing
from web.reporting import rows_pages as month_rows
from web.sales import deposits
from web.sales.pages import cash_days, cash_files, closing, imports, receipts, settlements
from web.surveys import guest_pages
from web.surveys import pages as opinion_links
from web.traffic import files as traffic_files
from web.traffic import pages as traffic

PAGES: tuple[Blueprint, ...] = (
    entrance.blueprint,
    home.blueprint,
    board_pages.blueprint,
    appointments.blueprint,
    booking_pages.blueprint,
    resource_pages.blueprint,
    reaction_pages.blueprint,
    reception_pages.blueprint,
    visit_pages.blueprint,
    treatment_pages.blueprint,
    guest_booking.blueprint,
    receipts.blueprint,
    deposits.pages,
    cash_days.blueprint,
    closing.blueprint,
    cash_files.blueprint,
    cards.blueprint,
    card_acts.blueprint,
    card_offers.blueprint,
    settlements.blueprint,
    items.blueprint,
    stock.blueprint,
    guest.blueprint,
    follow_up.blueprint,
    grades.blueprint,
    merges.blueprint,
    privacy.blueprint,
    opinion_links.blueprint,
    guest_pages.blueprint,
    imports.blueprint,
    *EXPORTS,
    *IMPORTS,
    *PAPERS,
    months.blueprint,
    month_rows.blueprint,
    month_files.blueprint,
    effects.blueprint,
    traffic.blueprint,
    traffic_files.blueprint,
    plan_pages.blueprint,
    plan_editing.blueprint,
    plan_files.blueprint,
    chain.blueprint,
    store_plans.blueprint,
    adjustments.blueprint,
    *records.PAGES,
    picking.blueprint,
    attachments.blueprint,
    notices.blueprint,
    my_pages.blueprint,
    channel_pages.blueprint,
    wording_pages.blueprint,
    send_log_pages.blueprint,
    job_pages.blueprint,
    places.blueprint,
    search.blueprint,
    token_pages.blueprint,
    people_pages.blueprint,
    account_pages.blueprint,
    second_factor_pages.blueprint,
    resets.blueprint,
    invitation_pages.blueprint,
)
