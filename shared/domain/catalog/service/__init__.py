"""Verbs of the catalog: items on offer, samples and gifts handed out."""
