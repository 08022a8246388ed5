"""Setting up, the embedded database, and the processes of `./rollbook up`."""
