-- One row per market. Its version guards every change to the market's policies, and every decision made by them.
CREATE TABLE "policy_book" (
    "market" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "policy_book_pkey" PRIMARY KEY ("market")
);

-- A version of a market's policy. The document never changes; state, effective time and approver change once.
CREATE TABLE "policy" (
    "policy_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "effective_time" TIMESTAMPTZ(3) NOT NULL,
    "document" TEXT NOT NULL,
    "document_hash" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "approver" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "policy_pkey" PRIMARY KEY ("policy_id"),
    CONSTRAINT "policy_approver_check" CHECK ("approver" <> "author")
);
CREATE UNIQUE INDEX "policy_version" ON "policy" ("market", "version");
CREATE INDEX "policy_market" ON "policy" ("market", "policy_id");

-- A decision as it was given, for good: the message's bytes, and what the tables saw.
CREATE TABLE "decision" (
    "decision_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "policy_id" TEXT NOT NULL,
    "body" BYTEA NOT NULL,
    "seen" JSONB NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "decision_pkey" PRIMARY KEY ("decision_id")
);
