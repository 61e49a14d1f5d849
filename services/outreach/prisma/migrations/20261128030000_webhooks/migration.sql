-- How far each resolution's history was taken in: what follows is asked for if it does not come.
CREATE TABLE "feed" (
    "resolution_id" TEXT NOT NULL,
    "last_sequence" INTEGER NOT NULL,
    CONSTRAINT "feed_pkey" PRIMARY KEY ("resolution_id")
);

-- Who is told what, where. The secrets are sealed: the key is not in this database.
CREATE TABLE "subscription" (
    "subscription_id" TEXT NOT NULL,
    "seller_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "event_types" TEXT[] NOT NULL,
    "markets" TEXT[] NOT NULL,
    "state" TEXT NOT NULL,
    "disabled_reason" TEXT NOT NULL DEFAULT '',
    "failing_since" TIMESTAMPTZ(3),
    "secret" BYTEA NOT NULL,
    "former_secret" BYTEA,
    "former_until" TIMESTAMPTZ(3),
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "update_time" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "subscription_pkey" PRIMARY KEY ("subscription_id")
);
CREATE INDEX "subscription_seller" ON "subscription" ("seller_id", "subscription_id");

-- What happened, as it is told: a body never changes, so a signature made later is over the same bytes.
CREATE TABLE "webhook_event" (
    "event_id" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "webhook_event_pkey" PRIMARY KEY ("event_id")
);
CREATE INDEX "webhook_event_age" ON "webhook_event" ("create_time");

CREATE TABLE "delivery" (
    "delivery_id" TEXT NOT NULL,
    "subscription_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    -- The resolution, or the ping itself: of a lane one goes out at a time, in order.
    "lane" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    -- Since it was last made pending; the schedule goes by it.
    "tries" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_status" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT NOT NULL DEFAULT '',
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "end_time" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "delivery_pkey" PRIMARY KEY ("delivery_id")
);
-- An event is told to a subscriber once, however often its fact comes.
CREATE UNIQUE INDEX "delivery_once" ON "delivery" ("subscription_id", "event_id");
CREATE INDEX "delivery_head" ON "delivery" ("subscription_id", "lane", "sequence") WHERE "state" = 'PENDING';
CREATE INDEX "delivery_log" ON "delivery" ("subscription_id", "delivery_id");
CREATE INDEX "delivery_age" ON "delivery" ("end_time") WHERE "end_time" IS NOT NULL;
CREATE INDEX "delivery_event" ON "delivery" ("event_id");

-- What is due, a row for each subscription and resolution. `pending` counts its deliveries, so that whoever finishes one
-- and whoever adds one at the same moment agree on whether another is due: both change this row.
CREATE TABLE "lane" (
    "subscription_id" TEXT NOT NULL,
    "lane" TEXT NOT NULL,
    "pending" INTEGER NOT NULL,
    "due_time" TIMESTAMPTZ(3),
    "lease_until" TIMESTAMPTZ(3),
    "lease_epoch" INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT "lane_pkey" PRIMARY KEY ("subscription_id", "lane"),
    CONSTRAINT "lane_pending_check" CHECK ("pending" >= 0)
);
CREATE INDEX "lane_due" ON "lane" ("subscription_id", "due_time") WHERE "due_time" IS NOT NULL;
CREATE INDEX "lane_leased" ON "lane" ("subscription_id", "lease_until") WHERE "lease_until" IS NOT NULL;

-- The log: each try, as long as it is kept.
CREATE TABLE "attempt" (
    "delivery_id" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "start_time" TIMESTAMPTZ(3) NOT NULL,
    "status" INTEGER NOT NULL,
    "latency_ms" INTEGER NOT NULL,
    "error" TEXT NOT NULL,
    "response_head" TEXT NOT NULL,
    CONSTRAINT "attempt_pkey" PRIMARY KEY ("delivery_id", "attempt")
);

-- The log is cut by one step that is put off again each time, however many replicas start.
INSERT INTO "agenda" ("agenda_id", "aggregate_id", "step", "due_time", "payload", "traceparent")
VALUES ('stp_prune', 'log', 'prune', 'epoch', '{}', '');
