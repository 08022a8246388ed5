"""Every register of forms declared once; API, pages, workbooks and paper walk it."""

from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.domain.appointments.service.treating import TREATMENTS
from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers.service.grading import GRADINGS
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.surveys.service.opinions import OPINIONS
from shared.records.register import Register

REGISTERS: tuple[Register, ...] = (
    HANDOUTS,
    GRADINGS,
    APPOINTMENTS,
    PROFILES,
    TREATMENTS,
    OPINIONS,
)
BY_CODE: dict[str, Register] = {register.code: register for register in REGISTERS}
