"""Telling people what happened (通知): texts, channels, quiet hours, delivery, the inbox.

Form: specification 11; jobs J26 and J28.
"""
