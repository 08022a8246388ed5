"""From a bare Python to an installed Rollbook. Standard library alone: nothing else exists yet."""
