"""What a day at the desk costs the people there, the network and the server."""
