"""Bookings (预约): who comes when, to whom, in which room and on which device.

Form: F03; W1. What happens once the guest is there (W2, F05) stands on top of it.
"""
