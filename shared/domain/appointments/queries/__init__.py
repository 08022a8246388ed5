"""Questions about appointments: who is busy when, what stands on a day, which times are free."""
