-- How far the bus has been looked through for facts that were acknowledged and never taken in, or that it had and has no more.
CREATE TABLE "sweep" (
    "name" TEXT NOT NULL,
    "stream_created" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "lease_until" TIMESTAMPTZ(3),
    CONSTRAINT "sweep_pkey" PRIMARY KEY ("name")
);
-- What a stream is compared with, in the order of its messages.
CREATE INDEX "outbox_stream" ON "outbox" ("stream_created", "stream_seq");
