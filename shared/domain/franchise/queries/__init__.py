"""Questions of a headquarters about its stores, and of a store about what it sent."""
