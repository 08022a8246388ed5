"""Tests about the code itself: they find what is there, they list nothing."""
