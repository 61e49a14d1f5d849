-- Where a request comes from, if not from the buyer who asks for one order; and what a replacement costs. Requests of before
-- this have the defaults, which are what was true of all of them.
ALTER TABLE "resolution"
    ADD COLUMN "cancel_code" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "unasked_reason" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "shipment_id" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "return_event_id" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "origin_resolution_id" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "gift" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "exchange" JSONB;

-- A shipment comes back once.
CREATE UNIQUE INDEX "resolution_shipment" ON "resolution" ("order_id", "shipment_id") WHERE "shipment_id" <> '';
CREATE INDEX "resolution_event" ON "resolution" ("return_event_id", "resolution_id") WHERE "return_event_id" <> '';
CREATE INDEX "resolution_chain" ON "resolution" ("origin_resolution_id") WHERE "origin_resolution_id" <> '';
