-- Something that does not fit between two books, for a person to look at.
CREATE TABLE "break" (
    "break_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "refund_id" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "ours_currency" TEXT,
    "ours_minor" BIGINT,
    "theirs_currency" TEXT,
    "theirs_minor" BIGINT,
    "text" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "find_time" TIMESTAMPTZ(3) NOT NULL,
    "close_time" TIMESTAMPTZ(3),
    "explanation" TEXT NOT NULL DEFAULT '',
    -- The last run that found it; what a run has not found is gone.
    "seen_run" TEXT NOT NULL,
    CONSTRAINT "break_pkey" PRIMARY KEY ("break_id")
);
-- Found again is not found twice. One that was gone and comes back is another one.
CREATE UNIQUE INDEX "break_known" ON "break" ("kind", "reference") WHERE "state" <> 'GONE';
CREATE INDEX "break_state" ON "break" ("state", "break_id");
CREATE INDEX "break_kind" ON "break" ("kind", "break_id");

-- One comparison of all books.
CREATE TABLE "run" (
    "run_id" TEXT NOT NULL,
    "start_time" TIMESTAMPTZ(3) NOT NULL,
    "end_time" TIMESTAMPTZ(3) NOT NULL,
    "statement_lines" BIGINT NOT NULL,
    "refunds" BIGINT NOT NULL,
    "corrections" BIGINT NOT NULL,
    "found" INTEGER NOT NULL,
    "gone" INTEGER NOT NULL,
    "left_open" INTEGER NOT NULL,
    CONSTRAINT "run_pkey" PRIMARY KEY ("run_id")
);

-- The schedule is one step that is put off again each time, never a second one, however many replicas start.
INSERT INTO "agenda" ("agenda_id", "aggregate_id", "step", "due_time", "payload", "traceparent")
VALUES ('stp_reconcile', 'schedule', 'reconcile', 'epoch', '{}', '');
