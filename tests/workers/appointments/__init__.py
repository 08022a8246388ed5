"""Tests of the appointments."""
