"""Django's own command: `python -m tests.bench.peers.manage COMMAND ...`."""

import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
