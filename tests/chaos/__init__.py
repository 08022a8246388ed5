"""Chaos: real processes under load, killed, stopped, cut off and starved, then asked what is left.

`python -m tests.chaos --minutes N --seed S --broker stub|amqp`; the short form runs with all tests.
"""
