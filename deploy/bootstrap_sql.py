"""`python -m deploy.bootstrap_sql`: what an administrator runs once in a new database.

Prints the roles, walls and schemas; with SCRAM also the verifiers of the service logins, which are
derived from the master key. The verifiers are no passwords, but keep them to yourself.
"""

import sys

from shared.config import settings
from tenants.bootstrap import cluster_sql
from tenants.logins import SERVICE_LOGINS, verifier_for


def main() -> int:
    """Print the statements."""
    current = settings()
    verifiers = {login: found for login in SERVICE_LOGINS if (found := verifier_for(login))}
    database = current.database_address()["dbname"]
    for statement in cluster_sql(database=database, passwords=verifiers):
        sys.stdout.write(f"{statement};\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
