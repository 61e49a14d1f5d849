-- Who did what: an entry for each act of a person or a service that changed something, written by the statement that
-- changed it. Each service has this migration to the letter; a test holds them together.

-- One chain per resource: an entry carries the hash of the one before it. Texts are compared as bytes, so that whoever
-- verifies reads them in the same order everywhere.
CREATE TABLE "audit" (
    "resource_id" TEXT COLLATE "C" NOT NULL,
    "sequence" INTEGER NOT NULL,
    "rpc" TEXT NOT NULL,
    "principal" TEXT COLLATE "C" NOT NULL,
    "via" TEXT NOT NULL,
    "on_behalf_of" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "request_digest" BYTEA NOT NULL,
    "business_time" TIMESTAMPTZ(3) NOT NULL,
    "real_time" TIMESTAMPTZ(3) NOT NULL,
    "trace_id" TEXT NOT NULL,
    "previous_hash" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,
    CONSTRAINT "audit_pkey" PRIMARY KEY ("resource_id", "sequence")
);
CREATE INDEX "audit_time" ON "audit" ("real_time", "resource_id", "sequence");
CREATE INDEX "audit_principal" ON "audit" ("principal", "real_time", "resource_id", "sequence");

-- What a seal covers, with the hash it had then: what is cut off, or written anew with right hashes, shows.
CREATE TABLE "audit_leaf" (
    "resource_id" TEXT COLLATE "C" NOT NULL,
    "sequence" INTEGER NOT NULL,
    "hash" BYTEA NOT NULL,
    "seal" INTEGER NOT NULL,
    CONSTRAINT "audit_leaf_pkey" PRIMARY KEY ("resource_id", "sequence")
);
CREATE INDEX "audit_leaf_seal" ON "audit_leaf" ("seal", "resource_id", "sequence");

-- Seals follow each other; each is also published where the database's owner cannot write.
CREATE TABLE "audit_seal" (
    "number" INTEGER NOT NULL,
    "entries" INTEGER NOT NULL,
    "digest" BYTEA NOT NULL,
    "previous_hash" BYTEA NOT NULL,
    "until_time" TIMESTAMPTZ(3) NOT NULL,
    "hash" BYTEA NOT NULL,
    "mac" BYTEA NOT NULL,
    CONSTRAINT "audit_seal_pkey" PRIMARY KEY ("number")
);

CREATE FUNCTION "audit_immutable"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was done is never changed and never removed' USING ERRCODE = 'BH007';
END $$;
CREATE TRIGGER "audit_immutable" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit"
    FOR EACH STATEMENT EXECUTE FUNCTION "audit_immutable"();
CREATE TRIGGER "audit_leaf_immutable" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_leaf"
    FOR EACH STATEMENT EXECUTE FUNCTION "audit_immutable"();
CREATE TRIGGER "audit_seal_immutable" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_seal"
    FOR EACH STATEMENT EXECUTE FUNCTION "audit_immutable"();
