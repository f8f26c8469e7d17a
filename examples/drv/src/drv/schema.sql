-- The whole schema. It replaces what is there: the database belongs to the suite.

DROP SCHEMA IF EXISTS drv CASCADE;
CREATE SCHEMA drv;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'drv_tenant') THEN
        CREATE ROLE drv_tenant NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'drv_operator') THEN
        CREATE ROLE drv_operator NOLOGIN;
    END IF;
END
$$;
GRANT drv_tenant, drv_operator TO CURRENT_USER;

CREATE TABLE drv.version (version integer NOT NULL);

CREATE TABLE drv.tenant (
    tenant_id text PRIMARY KEY CHECK (tenant_id <> ''),
    weight integer NOT NULL CHECK (weight >= 1)
);

CREATE TABLE drv.pool (
    pool_id text PRIMARY KEY,
    units bigint NOT NULL CHECK (units >= 0),
    revision bigint NOT NULL DEFAULT 0
);

CREATE TABLE drv.demand (
    tenant_id text NOT NULL REFERENCES drv.tenant,
    pool_id text NOT NULL REFERENCES drv.pool,
    units bigint NOT NULL CHECK (units >= 0),
    arrival bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (tenant_id, pool_id)
);

CREATE TABLE drv.allocation (
    tenant_id text NOT NULL REFERENCES drv.tenant,
    pool_id text NOT NULL REFERENCES drv.pool,
    units bigint NOT NULL CHECK (units >= 0),
    revision bigint NOT NULL,
    PRIMARY KEY (tenant_id, pool_id)
);

CREATE TABLE drv.usage_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES drv.tenant,
    pool_id text NOT NULL REFERENCES drv.pool,
    idempotency_key text NOT NULL CHECK (idempotency_key <> ''),
    units bigint NOT NULL CHECK (units >= 1),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT usage_event_once UNIQUE (tenant_id, idempotency_key)
);

GRANT USAGE ON SCHEMA drv TO drv_tenant, drv_operator;
GRANT SELECT ON drv.allocation TO drv_tenant;
GRANT SELECT, INSERT ON drv.usage_event TO drv_tenant;
GRANT SELECT, INSERT, UPDATE ON drv.demand TO drv_tenant;
GRANT SELECT ON drv.tenant, drv.demand, drv.usage_event TO drv_operator;
GRANT SELECT, UPDATE ON drv.pool TO drv_operator;
GRANT SELECT, INSERT, UPDATE ON drv.allocation TO drv_operator;

-- A tenant sees and writes the rows of `drv.tenant_id`, and none while that is unset.
-- FORCE binds the owner of the tables too.
ALTER TABLE drv.demand ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE drv.allocation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE drv.usage_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON drv.demand TO drv_tenant
    USING (tenant_id = current_setting('drv.tenant_id', true));
CREATE POLICY own_rows ON drv.allocation TO drv_tenant
    USING (tenant_id = current_setting('drv.tenant_id', true));
CREATE POLICY own_rows ON drv.usage_event TO drv_tenant
    USING (tenant_id = current_setting('drv.tenant_id', true));

CREATE POLICY every_row ON drv.demand TO drv_operator USING (true);
CREATE POLICY every_row ON drv.allocation TO drv_operator USING (true);
CREATE POLICY every_row ON drv.usage_event TO drv_operator USING (true);

INSERT INTO drv.version VALUES (1);
