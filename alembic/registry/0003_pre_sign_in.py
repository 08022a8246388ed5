"""Sign-in: second factors, links by mail, invitations, devices, scoped tokens, who changed roles.

Secrets are never kept: of links, codes and tokens the registry has digests; what a second factor
counts with is encrypted under the master key (tenants/vault.py).
"""

from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

_UP = """
ALTER TABLE registry.people ADD COLUMN email varchar(120) UNIQUE CHECK (email = lower(email));
ALTER TABLE registry.sessions
  ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN fresh_at timestamptz,
  ADD COLUMN agent varchar(200) NOT NULL DEFAULT '',
  ADD COLUMN address varchar(45) NOT NULL DEFAULT '';
ALTER TABLE registry.api_tokens
  ADD COLUMN scopes varchar(60)[],
  ADD COLUMN expires_at timestamptz;
CREATE TABLE registry.second_factors (
  person_id uuid PRIMARY KEY REFERENCES registry.people,
  secret bytea,
  since timestamptz,
  pending bytea,
  last_step bigint NOT NULL DEFAULT 0,
  CHECK ((secret IS NULL) = (since IS NULL)));
CREATE TABLE registry.recovery_codes (
  code_hash bytea PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES registry.people);
CREATE INDEX ON registry.recovery_codes (person_id);
CREATE TABLE registry.links (
  token_hash bytea PRIMARY KEY,
  purpose varchar(8) NOT NULL CHECK (purpose IN ('reset', 'address', 'second')),
  person_id uuid NOT NULL REFERENCES registry.people,
  address varchar(120) NOT NULL DEFAULT '',
  expires_at timestamptz NOT NULL);
CREATE INDEX ON registry.links (person_id);
CREATE INDEX ON registry.links (expires_at);
CREATE TABLE registry.invitations (
  id uuid PRIMARY KEY,
  tenant name NOT NULL REFERENCES registry.tenants,
  address varchar(120) NOT NULL CHECK (address = lower(address)),
  name varchar(80) NOT NULL,
  roles varchar(3)[] NOT NULL CHECK (cardinality(roles) > 0),
  invited_by uuid NOT NULL REFERENCES registry.people,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  token_hash bytea UNIQUE,
  mailed_at timestamptz,
  mail_failed_at timestamptz,
  accepted_at timestamptz,
  revoked_at timestamptz);
CREATE UNIQUE INDEX invitations_open ON registry.invitations (tenant, address)
  WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE TABLE registry.role_changes (
  person_id uuid NOT NULL REFERENCES registry.people,
  tenant name NOT NULL REFERENCES registry.tenants,
  at timestamptz NOT NULL,
  PRIMARY KEY (person_id, tenant));
CREATE TABLE registry.people_log (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant name NOT NULL REFERENCES registry.tenants,
  at timestamptz NOT NULL,
  actor_id uuid REFERENCES registry.people,
  person_id uuid REFERENCES registry.people,
  who varchar(120) NOT NULL,
  action varchar(10) NOT NULL
    CHECK (action IN ('INVITED', 'RENEWED', 'REVOKED', 'JOINED', 'ROLES', 'LEFT', 'GRANTED')),
  old varchar(3)[] NOT NULL,
  new varchar(3)[] NOT NULL);
CREATE INDEX ON registry.people_log (tenant, at DESC, id DESC);
CREATE TABLE registry.account_mails (
  id uuid PRIMARY KEY,
  kind varchar(10) NOT NULL CHECK (kind IN ('reset', 'address', 'invitation')),
  name varchar(120) NOT NULL,
  person_id uuid REFERENCES registry.people,
  invitation_id uuid REFERENCES registry.invitations,
  locale varchar(12) NOT NULL,
  run_at timestamptz NOT NULL,
  attempt smallint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL);
CREATE INDEX ON registry.account_mails (run_at);
GRANT INSERT (id, login, name, password_hash, locale, email, created_at),
  UPDATE (email) ON registry.people TO app_auth;
GRANT INSERT, DELETE, UPDATE (since) ON registry.memberships TO app_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON registry.second_factors, registry.recovery_codes,
  registry.links, registry.account_mails TO app_auth;
GRANT SELECT, INSERT, UPDATE ON registry.invitations, registry.role_changes TO app_auth;
GRANT SELECT, INSERT ON registry.people_log TO app_auth;
GRANT INSERT ON registry.people_log TO app_provision
"""

_DOWN = """
DROP TABLE registry.account_mails;
DROP TABLE registry.people_log;
DROP TABLE registry.role_changes;
DROP TABLE registry.invitations;
DROP TABLE registry.links;
DROP TABLE registry.recovery_codes;
DROP TABLE registry.second_factors;
ALTER TABLE registry.api_tokens DROP COLUMN scopes, DROP COLUMN expires_at;
ALTER TABLE registry.sessions
  DROP COLUMN id, DROP COLUMN fresh_at, DROP COLUMN agent, DROP COLUMN address;
REVOKE INSERT, DELETE, UPDATE (since) ON registry.memberships FROM app_auth;
REVOKE INSERT (id, login, name, password_hash, locale, email, created_at) ON registry.people
  FROM app_auth;
ALTER TABLE registry.people DROP COLUMN email
"""


def upgrade() -> None:
    """Add what signing in needs."""
    for statement in _UP.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    """Forget it; whoever had a second factor signs in without one."""
    for statement in _DOWN.split(";\n"):
        op.execute(statement)
