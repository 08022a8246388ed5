"""What is pure of the traffic: the heat map, retention."""
