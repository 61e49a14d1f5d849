-- What the back office finds its work by. When a request of before this last moved is not known: its last change is the
-- nearest that is.
ALTER TABLE "resolution"
    ADD COLUMN "move_time" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    ADD COLUMN "due_time" TIMESTAMPTZ(3);
UPDATE "resolution" SET "move_time" = "update_time", "due_time" =
    (SELECT min((d ->> 'due')::timestamptz) FROM jsonb_array_elements("deadlines") d);

CREATE INDEX "resolution_market" ON "resolution" ("market", "resolution_id");
CREATE INDEX "resolution_kind" ON "resolution" ("kind", "resolution_id");
CREATE INDEX "resolution_due" ON "resolution" (coalesce("due_time", 'infinity'), "resolution_id");
CREATE INDEX "resolution_hold" ON "resolution" ("resolution_id") WHERE "on_hold";
CREATE INDEX "resolution_created" ON "resolution" ("create_time");
-- It changes with every commit: an index of this kind costs those next to nothing.
CREATE INDEX "resolution_updated" ON "resolution" USING brin ("update_time");
CREATE INDEX "resolution_reason" ON "resolution" USING gin ("lines" jsonb_path_ops);

-- Who has a resolution, and who had it: only added to.
CREATE TABLE "assignment" (
    "resolution_id" TEXT NOT NULL PRIMARY KEY,
    "assignee" TEXT NOT NULL,
    "queue_id" TEXT NOT NULL,
    "assign_time" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL
);
CREATE INDEX "assignment_assignee" ON "assignment" ("assignee", "resolution_id");
CREATE TABLE "assignment_entry" (
    "resolution_id" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "assignee" TEXT NOT NULL,
    "queue_id" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "assign_time" TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY ("resolution_id", "sequence")
);

-- Every version of every note: only added to.
CREATE TABLE "note" (
    "note_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "attachments" JSONB NOT NULL,
    "author" TEXT NOT NULL,
    "author_role" TEXT NOT NULL,
    "write_time" TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY ("note_id", "version")
);
CREATE INDEX "note_resolution" ON "note" ("resolution_id", "note_id", "version");

CREATE TABLE "queue" (
    "queue_id" TEXT NOT NULL PRIMARY KEY,
    "title" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "order" TEXT NOT NULL,
    "sla_minutes" INTEGER NOT NULL,
    "closed" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,
    "editor" TEXT NOT NULL,
    "update_time" TIMESTAMPTZ(3) NOT NULL
);

CREATE TABLE "tracking" (
    "tracking_number" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    PRIMARY KEY ("tracking_number", "resolution_id")
);

-- One act on many: what was asked, in the bytes of its message, and what became of each row once that is known.
CREATE TABLE "bulk" (
    "bulk_id" TEXT NOT NULL PRIMARY KEY,
    "asked" BYTEA NOT NULL,
    "reason" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "actor_role" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL
);
CREATE TABLE "bulk_row" (
    "bulk_id" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    PRIMARY KEY ("bulk_id", "resolution_id")
);
CREATE INDEX "bulk_row_resolution" ON "bulk_row" ("resolution_id");

CREATE TABLE "saved_export" (
    "export_id" TEXT NOT NULL PRIMARY KEY,
    "title" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "columns" TEXT[] NOT NULL,
    "byte_order_mark" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,
    "editor" TEXT NOT NULL,
    "update_time" TIMESTAMPTZ(3) NOT NULL
);

-- For how long a state may last, by market; "*" where a market says nothing.
CREATE TABLE "dwell" (
    "market" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "hours" INTEGER NOT NULL,
    PRIMARY KEY ("market", "state")
);
INSERT INTO "dwell" ("market", "state", "hours") VALUES
    ('*', 'PENDING_REVIEW', 48), ('*', 'STOPPING', 4), ('*', 'INTERCEPTING', 24), ('*', 'ALREADY_SHIPPED', 4),
    ('*', 'COLLECTING', 504), ('*', 'IN_TRANSIT', 240), ('*', 'INSPECTING', 72), ('*', 'REFUNDING', 48),
    ('*', 'MANUAL_REQUIRED', 24), ('*', 'AWAITING_PAYMENT', 96), ('*', 'RECOVERING', 336), ('*', 'HOLDING', 4),
    ('*', 'RESHIPPING', 48);
CREATE INDEX "resolution_still" ON "resolution" ("move_time", "resolution_id") WHERE "close_time" IS NULL OR "on_hold";

-- Tickets about resolutions; what they say is kept by the ticket system, too.
CREATE TABLE "ticket" (
    "ticket_id" TEXT NOT NULL PRIMARY KEY,
    "resolution_id" TEXT NOT NULL,
    "partner_ticket_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "answer" TEXT NOT NULL,
    "opener" TEXT NOT NULL,
    "open_time" TIMESTAMPTZ(3) NOT NULL,
    "update_time" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL
);
CREATE INDEX "ticket_resolution" ON "ticket" ("resolution_id", "ticket_id");
