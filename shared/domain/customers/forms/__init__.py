"""The forms of the customers: the contact a sale needs, and the whole profile."""
