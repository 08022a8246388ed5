"""Rules of the customers: contact, what may be ticked on a profile, when it is complete."""
