"""The shared schemas: who exists (registry), jobs, letters and the clock's memory (ops).

Their meaning is grants and policies, so they are SQL. Row-level security keys on session_user:
a login cannot change it.
"""

from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

_REGISTRY = """
CREATE TABLE registry.tenants (
  name name PRIMARY KEY CHECK (name ~ '^t_[0-9a-z]{10}$'),
  slug varchar(60) NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  kind varchar(5) NOT NULL CHECK (kind IN ('store', 'hq')),
  display_name varchar(80) NOT NULL,
  code varchar(8) NOT NULL,
  time_zone varchar(40) NOT NULL,
  day_change_hour smallint NOT NULL DEFAULT 4 CHECK (day_change_hour BETWEEN 0 AND 12),
  currency varchar(3) NOT NULL DEFAULT 'CNY',
  state varchar(9) NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'retired')),
  suspended_at timestamptz,
  version varchar(32) NOT NULL,
  hq_version varchar(32),
  created_at timestamptz NOT NULL,
  CHECK ((kind = 'hq') = (hq_version IS NOT NULL)));
CREATE UNIQUE INDEX tenants_slug ON registry.tenants (slug) WHERE state <> 'retired';
CREATE INDEX ON registry.tenants (version, hq_version);
CREATE TABLE registry.stock (
  name name PRIMARY KEY CHECK (name ~ '^t_[0-9a-z]{10}$'),
  kind varchar(5) NOT NULL CHECK (kind IN ('store', 'hq')),
  version varchar(32) NOT NULL,
  hq_version varchar(32),
  state varchar(6) NOT NULL CHECK (state IN ('making', 'ready')),
  created_at timestamptz NOT NULL,
  CHECK ((kind = 'hq') = (hq_version IS NOT NULL)));
CREATE TABLE registry.contracts (
  id uuid PRIMARY KEY,
  store name NOT NULL REFERENCES registry.tenants,
  hq name NOT NULL REFERENCES registry.tenants,
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  EXCLUDE USING gist ((store::text) ext.gist_text_ops WITH OPERATOR(pg_catalog.=),
    daterange(valid_from, valid_to, '[]') WITH &&));
CREATE INDEX ON registry.contracts (store);
CREATE INDEX ON registry.contracts (hq);
CREATE TABLE registry.people (
  id uuid PRIMARY KEY,
  login varchar(120) NOT NULL UNIQUE CHECK (login = lower(login)),
  name varchar(80) NOT NULL,
  password_hash varchar(255),
  locale varchar(12) NOT NULL DEFAULT 'zh',
  disabled_at timestamptz,
  created_at timestamptz NOT NULL);
CREATE TABLE registry.memberships (
  person_id uuid NOT NULL REFERENCES registry.people,
  tenant name NOT NULL REFERENCES registry.tenants,
  role varchar(3) NOT NULL
    CHECK (role IN ('HQA', 'HQN', 'MGR', 'FD', 'CON', 'BEA', 'SDA', 'TEC', 'AUD')),
  since timestamptz NOT NULL,
  PRIMARY KEY (person_id, tenant, role));
CREATE INDEX ON registry.memberships (tenant);
CREATE TABLE registry.sessions (
  token_hash bytea PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES registry.people,
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL);
CREATE INDEX ON registry.sessions (person_id);
CREATE TABLE registry.api_tokens (
  id uuid PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  person_id uuid NOT NULL REFERENCES registry.people,
  tenant name NOT NULL REFERENCES registry.tenants,
  label varchar(80) NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  revoked_at timestamptz);
CREATE UNLOGGED TABLE registry.sign_in_failures (
  key varchar(160) PRIMARY KEY,
  window_start timestamptz NOT NULL,
  count int NOT NULL);
GRANT SELECT ON registry.tenants, registry.contracts, registry.people, registry.memberships
  TO app_auth;
GRANT UPDATE (locale, password_hash) ON registry.people TO app_auth;
GRANT SELECT ON registry.version TO app_auth, app_dispatch;
GRANT SELECT, INSERT, UPDATE, DELETE ON registry.sessions, registry.api_tokens,
  registry.sign_in_failures TO app_auth;
GRANT SELECT ON registry.tenants, registry.contracts TO app_dispatch;
GRANT SELECT, INSERT, UPDATE ON registry.tenants, registry.contracts, registry.people
  TO app_provision;
GRANT SELECT, INSERT, DELETE ON registry.memberships TO app_provision;
GRANT SELECT, INSERT, UPDATE, DELETE ON registry.stock TO app_provision;
GRANT SELECT, INSERT, UPDATE ON registry.api_tokens TO app_provision;
GRANT SELECT (person_id), DELETE ON registry.sessions TO app_provision;
GRANT SELECT, UPDATE (version, hq_version) ON registry.tenants, registry.stock TO app_migrator;
CREATE FUNCTION ops.is_linked(other name, on_date date) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  RETURN EXISTS (SELECT FROM registry.contracts c
    WHERE ((c.store = session_user AND c.hq = other) OR (c.hq = session_user AND c.store = other))
      AND c.valid_from <= on_date AND (c.valid_to IS NULL OR on_date <= c.valid_to));
GRANT EXECUTE ON FUNCTION ops.is_linked(name, date) TO tenant_login
"""

_OPS = """
CREATE TABLE ops.job (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant name NOT NULL DEFAULT session_user,
  kind varchar(60) NOT NULL,
  queue varchar(10) NOT NULL CHECK (queue IN ('now', 'reports', 'bulk')),
  args jsonb NOT NULL CHECK (pg_column_size(args) < 4096),
  uniq varchar(120),
  state varchar(8) NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'sent', 'running', 'done', 'dead')),
  run_at timestamptz NOT NULL,
  attempt smallint NOT NULL DEFAULT 0,
  max_attempt smallint NOT NULL DEFAULT 4,
  lease_until timestamptz,
  lease_by uuid,
  error_class varchar(120),
  request_id varchar(32),
  created_at timestamptz NOT NULL,
  finished_at timestamptz)
  WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
CREATE UNIQUE INDEX job_waiting_once ON ops.job (tenant, kind, uniq)
  WHERE uniq IS NOT NULL AND state = 'queued';
CREATE INDEX job_due ON ops.job (tenant, queue, run_at) WHERE state = 'queued';
CREATE INDEX job_in_flight ON ops.job (tenant, kind, uniq) WHERE state IN ('sent', 'running');
CREATE INDEX job_leases ON ops.job (lease_until) WHERE state IN ('sent', 'running');
CREATE INDEX job_recent ON ops.job (tenant, created_at DESC);
CREATE INDEX job_finished ON ops.job (finished_at) WHERE state = 'done';
CREATE INDEX job_dead ON ops.job (queue, run_at) WHERE state = 'dead';
ALTER TABLE ops.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE ops.job FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_own ON ops.job TO tenant_login
  USING (tenant = session_user) WITH CHECK (tenant = session_user);
CREATE POLICY dispatch_all ON ops.job TO app_dispatch USING (true) WITH CHECK (true);
CREATE POLICY provision_reads ON ops.job FOR SELECT TO app_provision USING (true);
GRANT SELECT, INSERT ON ops.job TO tenant_login;
GRANT UPDATE (state, run_at, attempt, lease_until, lease_by, error_class, finished_at)
  ON ops.job TO tenant_login;
GRANT SELECT (id, tenant, kind, queue, uniq, state, run_at, attempt, max_attempt, lease_until,
  lease_by, created_at, finished_at), INSERT, DELETE ON ops.job TO app_dispatch;
GRANT UPDATE (state, run_at, attempt, lease_until, lease_by, error_class, finished_at)
  ON ops.job TO app_dispatch;
GRANT SELECT (id, tenant, kind, queue, state, run_at, attempt, error_class, created_at,
  finished_at) ON ops.job TO app_provision;
CREATE TABLE ops.letter (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  sender name NOT NULL DEFAULT session_user,
  receiver name NOT NULL,
  kind varchar(60) NOT NULL,
  key varchar(120) NOT NULL,
  revision int NOT NULL,
  version smallint NOT NULL,
  payload jsonb NOT NULL CHECK (pg_column_size(payload) < 1048576),
  on_date date NOT NULL,
  sent_at timestamptz NOT NULL,
  delivered_at timestamptz,
  UNIQUE (sender, receiver, kind, key, revision));
CREATE INDEX letter_undelivered ON ops.letter (receiver, sent_at) WHERE delivered_at IS NULL;
ALTER TABLE ops.letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE ops.letter FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON ops.letter FOR SELECT TO tenant_login
  USING (receiver = session_user OR sender = session_user);
CREATE POLICY tenant_sends ON ops.letter FOR INSERT TO tenant_login
  WITH CHECK (sender = session_user AND ops.is_linked(receiver, on_date));
CREATE POLICY dispatch_delivers ON ops.letter TO app_dispatch USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON ops.letter TO tenant_login;
GRANT SELECT (id, sender, receiver, kind, sent_at, delivered_at), UPDATE (delivered_at)
  ON ops.letter TO app_dispatch;
CREATE TABLE ops.clock (
  tenant name NOT NULL,
  schedule varchar(20) NOT NULL,
  next_at timestamptz NOT NULL,
  wall timestamp NOT NULL,
  time_zone varchar(40) NOT NULL,
  change_hour smallint NOT NULL,
  PRIMARY KEY (tenant, schedule));
CREATE INDEX clock_due ON ops.clock (next_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON ops.clock TO app_dispatch
"""


def upgrade() -> None:
    """Build registry and ops."""
    for statement in (_REGISTRY + ";" + _OPS).split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Drop registry and ops; tenants' schemas are untouched."""
    op.execute("DROP FUNCTION ops.is_linked(name, date) CASCADE")
    for table in (
        "ops.clock",
        "ops.letter",
        "ops.job",
        "registry.sign_in_failures",
        "registry.api_tokens",
        "registry.sessions",
        "registry.memberships",
        "registry.people",
        "registry.contracts",
        "registry.stock",
        "registry.tenants",
    ):
        op.execute(f"DROP TABLE {table}")
