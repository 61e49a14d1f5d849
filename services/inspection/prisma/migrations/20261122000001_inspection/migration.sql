-- One inspection of one resolution: what should come, what came, and what became of it.
CREATE TABLE "inspection" (
    "inspection_id" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "expected" JSONB NOT NULL,
    "findings" JSONB NOT NULL,
    "receive_time" TIMESTAMPTZ(3),
    "complete_time" TIMESTAMPTZ(3),
    "inspector" TEXT NOT NULL,
    "send_back_tracking_number" TEXT NOT NULL,
    "attention" JSONB NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    -- Its place on the bench: oldest receipt first, then what is still to come. Compared by bytes, as it was built.
    "queue_place" TEXT COLLATE "C" NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "inspection_pkey" PRIMARY KEY ("inspection_id")
);
CREATE UNIQUE INDEX "inspection_resolution" ON "inspection" ("resolution_id");
CREATE UNIQUE INDEX "inspection_queue" ON "inspection" ("queue_place");
CREATE INDEX "inspection_state" ON "inspection" ("state", "queue_place");
-- What a person must look at: few rows, and none while all is well.
CREATE INDEX "inspection_attention" ON "inspection" ("inspection_id") WHERE "attention" <> '[]'::jsonb;
