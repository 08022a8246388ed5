"""The meaning of things: domain, events, forms, database base. Knows no Flask, dramatiq, pika."""
