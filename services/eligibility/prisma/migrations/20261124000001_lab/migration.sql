-- What another policy is held against: the answers of a decision in brief, so that nobody has to read the message again.
-- Null in decisions that are older than this. What staff decided is no policy's answer, and is not held against any.
ALTER TABLE "decision" ADD COLUMN "answer" JSONB;
ALTER TABLE "decision" ADD COLUMN "by_staff" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "decision_replay" ON "decision" ("market", "create_time", "decision_id") WHERE NOT "by_staff";

-- A version held against past decisions. The comparison grows with the cursor, in one statement, so nothing counts twice.
CREATE TABLE "simulation" (
    "simulation_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "policy_id" TEXT NOT NULL,
    "document_hash" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "since_time" TIMESTAMPTZ(3),
    "until_time" TIMESTAMPTZ(3) NOT NULL,
    "total" INTEGER NOT NULL,
    "cursor_time" TIMESTAMPTZ(3) NOT NULL,
    "cursor_id" TEXT NOT NULL,
    "comparison" JSONB NOT NULL,
    "note" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "simulation_pkey" PRIMARY KEY ("simulation_id")
);
-- One at a time for a document.
CREATE UNIQUE INDEX "simulation_running" ON "simulation" ("policy_id", "document_hash") WHERE "state" = 'RUNNING';

-- What the shadow would have answered to one decision: written with it, folded into the sum later.
CREATE TABLE "shadow_note" (
    "decision_id" TEXT NOT NULL,
    "policy_id" TEXT NOT NULL,
    "document_hash" TEXT NOT NULL,
    "comparison" JSONB NOT NULL,
    CONSTRAINT "shadow_note_pkey" PRIMARY KEY ("decision_id")
);
CREATE INDEX "shadow_note_document" ON "shadow_note" ("policy_id", "document_hash", "decision_id");

-- The sum of the notes that are gone.
CREATE TABLE "shadow_sum" (
    "policy_id" TEXT NOT NULL,
    "document_hash" TEXT NOT NULL,
    "comparison" JSONB NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "shadow_sum_pkey" PRIMARY KEY ("policy_id", "document_hash")
);
