"""The people a store serves, as far as a sale needs them (顾客).

Form: the contact part of F04; new customers of F10 and F17.
"""
