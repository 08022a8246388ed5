"""Facts, requests and letters: how one piece of work leads to another without losing any."""
