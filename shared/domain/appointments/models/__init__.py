"""Tables of bookings and visits: what is booked and kept busy, who is here, what was done."""
