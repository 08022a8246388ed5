"""Imports every events module, so that each fact finds its listeners in whichever process."""

from shared.domain.appointments import events as appointments
from shared.domain.customers import events as customers
from shared.domain.franchise import events as franchise
from shared.domain.notifications import events as notifications
from shared.domain.reporting import events as reporting
from shared.domain.sales import events as sales
from shared.domain.surveys import events as surveys
from shared.events import notices
from shared.records import events as records

WIRED = (
    appointments,
    customers,
    franchise,
    notifications,
    notices,
    records,
    reporting,
    sales,
    surveys,
)
