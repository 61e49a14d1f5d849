-- The tables every service has: what was asked, what was taken in, what is announced, what is still to do.
-- Each service's first migration is this file, to the letter; a test holds them together.

-- A mutating call and its answer: the same call again gets the same answer.
CREATE TABLE "request" (
    "principal" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "fingerprint" BYTEA NOT NULL,
    "response" BYTEA NOT NULL,
    "aggregate_id" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "request_pkey" PRIMARY KEY ("principal", "request_id")
);

-- A fact that took effect: it never does again.
CREATE TABLE "consumed" (
    "consumer" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "consumed_pkey" PRIMARY KEY ("consumer", "event_id")
);

-- A fact to announce. The record; the bus is transport.
CREATE TABLE "outbox" (
    "event_id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "aggregate_id" TEXT NOT NULL,
    "body" BYTEA NOT NULL,
    "traceparent" TEXT NOT NULL,
    "event_time" TIMESTAMPTZ(3) NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_until" TIMESTAMPTZ(3),
    "publish_time" TIMESTAMPTZ(3),
    "stream_created" TEXT,
    "stream_seq" BIGINT,
    CONSTRAINT "outbox_pkey" PRIMARY KEY ("event_id")
);
CREATE INDEX "outbox_unpublished" ON "outbox" ("create_time") WHERE "publish_time" IS NULL;

-- A step to do when it is due: a call to make, or a deadline to act on.
CREATE TABLE "agenda" (
    "agenda_id" TEXT NOT NULL,
    "aggregate_id" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "due_time" TIMESTAMPTZ(3) NOT NULL,
    "not_before" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "lease_epoch" INTEGER NOT NULL DEFAULT 0,
    "payload" JSONB NOT NULL,
    "traceparent" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "agenda_pkey" PRIMARY KEY ("agenda_id")
);
CREATE INDEX "agenda_due" ON "agenda" ("due_time");
CREATE INDEX "agenda_aggregate" ON "agenda" ("aggregate_id", "step");

-- A fact that could not be taken in: somebody must look.
CREATE TABLE "dead_letter" (
    "consumer" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "body" BYTEA NOT NULL,
    "reason" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "deliveries" INTEGER NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolve_time" TIMESTAMPTZ(3),
    CONSTRAINT "dead_letter_pkey" PRIMARY KEY ("consumer", "event_id")
);

-- Aborts a commit whose worker lost its lease while it worked.
CREATE FUNCTION "lease_lost"() RETURNS INTEGER LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'the lease on this step was lost' USING ERRCODE = 'BH001';
END $$;
