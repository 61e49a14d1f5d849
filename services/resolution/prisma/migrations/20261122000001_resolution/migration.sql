-- One request after the purchase, from the first tap to the settled money.
CREATE TABLE "resolution" (
    "resolution_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "goods" TEXT,
    "money" TEXT,
    "stock" TEXT,
    "hold" JSONB,
    "lines" JSONB NOT NULL,
    "terms" JSONB NOT NULL,
    "decision" BYTEA NOT NULL,
    "chart" JSONB NOT NULL,
    "collection_id" TEXT NOT NULL,
    "inspection_id" TEXT NOT NULL,
    "refund_id" TEXT NOT NULL,
    "stock_hold_id" TEXT NOT NULL,
    "refunded" JSONB,
    "deadlines" JSONB NOT NULL,
    "entries" INTEGER NOT NULL,
    "on_hold" BOOLEAN NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "update_time" TIMESTAMPTZ(3) NOT NULL,
    "close_time" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,
    CONSTRAINT "resolution_pkey" PRIMARY KEY ("resolution_id")
);
-- Each list the edge offers reads one of these from its end.
CREATE INDEX "resolution_order" ON "resolution" ("order_id", "resolution_id");
CREATE INDEX "resolution_customer" ON "resolution" ("customer_id", "resolution_id");
CREATE INDEX "resolution_state" ON "resolution" ("state", "resolution_id");
CREATE INDEX "resolution_on_hold" ON "resolution" ("resolution_id") WHERE "on_hold";

-- Units of an order line inside resolutions, or given back for good: never more than were bought.
CREATE TABLE "order_line" (
    "order_id" TEXT NOT NULL,
    "line_id" TEXT NOT NULL,
    "purchased" INTEGER NOT NULL,
    "held" INTEGER NOT NULL,
    CONSTRAINT "order_line_pkey" PRIMARY KEY ("order_id", "line_id"),
    CONSTRAINT "order_line_held_check" CHECK ("held" >= 0 AND "held" <= "purchased")
);

-- The history, append only.
CREATE TABLE "timeline" (
    "resolution_id" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "goods" TEXT,
    "money" TEXT,
    "stock" TEXT,
    "actor" TEXT NOT NULL,
    "actor_role" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "applied" BOOLEAN NOT NULL,
    CONSTRAINT "timeline_pkey" PRIMARY KEY ("resolution_id", "sequence")
);
