"""What bookings are: their stages, which times are free, how well they are kept."""
