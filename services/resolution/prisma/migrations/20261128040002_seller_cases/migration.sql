-- What one seller is asked about their lines of one request: once, and decided with a reason or not at all.
CREATE TABLE "seller_case" (
    "seller_case_id" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "seller_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "due_time" TIMESTAMPTZ(3),
    "days_left" INTEGER NOT NULL,
    "pause_reason" TEXT NOT NULL,
    "answer" TEXT NOT NULL,
    "statement" TEXT NOT NULL,
    "evidence" TEXT[],
    "offer" JSONB,
    "decided_reason" TEXT NOT NULL,
    "decide_time" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,
    CONSTRAINT "seller_case_pkey" PRIMARY KEY ("seller_case_id"),
    CONSTRAINT "seller_case_decided" CHECK (("state" IN ('ASKED', 'PAUSED')) = ("decided_reason" = '')),
    CONSTRAINT "seller_case_clock" CHECK (("state" = 'ASKED') = ("due_time" IS NOT NULL))
);
CREATE UNIQUE INDEX "seller_case_once" ON "seller_case"("resolution_id", "seller_id");
CREATE INDEX "seller_case_seller" ON "seller_case"("seller_id", "seller_case_id");
CREATE INDEX "seller_case_state" ON "seller_case"("state", "seller_case_id");
