"""Rollbook on one machine: the embedded database and the processes of `./rollbook up`."""
