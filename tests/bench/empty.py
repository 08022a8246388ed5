"""Makes our tenants in a database that stays empty: a line in, the seconds that one took out.

So a store in a full database is measured beside one in an empty one, in the same minute.
"""

import sys

from tests.bench import town
from tests.bench.figures import seconds
from tests.bench.servers import our_server
from tests.bench.sizes import SIZES

with our_server(SIZES[sys.argv[1]]):
    for _ in sys.stdin:
        town.new_store()  # warms the caches, as the sign-ups do on the full side
        sys.stdout.write(f"{seconds(town.new_store)}\n")
        sys.stdout.flush()
