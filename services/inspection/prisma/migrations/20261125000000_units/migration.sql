-- Units told apart, parcels scanned, disputes, the terms an inspection goes by, and its custody chain's anchor. What was
-- there before has none of it.
ALTER TABLE "inspection"
    ADD COLUMN "terms" JSONB NOT NULL DEFAULT '{"centre": "", "deductionCauses": [], "trackingNumbers": [], "details": []}',
    ADD COLUMN "recorded" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "receipts" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "disputes" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "custody_count" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "custody_head" TEXT NOT NULL DEFAULT '';

-- What can be read at the dock finds its inspection: the order, the label, a product, a serial number.
CREATE INDEX "inspection_order" ON "inspection" ("order_id");
CREATE INDEX "inspection_label" ON "inspection" USING gin (("terms"->'trackingNumbers') jsonb_path_ops);
CREATE INDEX "inspection_serial" ON "inspection" USING gin (("terms"->'details') jsonb_path_ops);
CREATE INDEX "inspection_product" ON "inspection" USING gin ("expected" jsonb_path_ops);

-- Evidence, never changed and never removed. The anchor in the inspection's row tells a chain that was cut off.
CREATE TABLE "custody_entry" (
    "inspection_id" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "stage" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "entry_time" TIMESTAMPTZ(3) NOT NULL,
    "media_id" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "previous_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    CONSTRAINT "custody_entry_pkey" PRIMARY KEY ("inspection_id", "sequence")
);
CREATE FUNCTION "custody_immutable"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is never changed and never removed' USING ERRCODE = 'BH006';
END $$;
CREATE TRIGGER "custody_immutable" BEFORE UPDATE OR DELETE OR TRUNCATE ON "custody_entry"
    FOR EACH STATEMENT EXECUTE FUNCTION "custody_immutable"();
-- An anchor only moves forward.
CREATE FUNCTION "custody_anchored"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a custody chain only grows' USING ERRCODE = 'BH006';
END $$;
CREATE TRIGGER "custody_anchored" BEFORE UPDATE OF "custody_count", "custody_head" ON "inspection" FOR EACH ROW
    WHEN (NEW."custody_count" < OLD."custody_count"
        OR (NEW."custody_count" = OLD."custody_count" AND NEW."custody_head" <> OLD."custody_head"))
    EXECUTE FUNCTION "custody_anchored"();

-- Goods in the house that belong to no inspection, or not to the one they came with.
CREATE TABLE "quarantined" (
    "quarantine_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "inspection_id" TEXT NOT NULL,
    "tracking_number" TEXT NOT NULL,
    "centre" TEXT NOT NULL,
    "items" JSONB NOT NULL,
    "note" TEXT NOT NULL,
    "scanner" TEXT NOT NULL,
    "receive_time" TIMESTAMPTZ(3) NOT NULL,
    "decider" TEXT NOT NULL,
    "decide_time" TIMESTAMPTZ(3),
    "disposition" TEXT,
    "version" INTEGER NOT NULL,
    CONSTRAINT "quarantined_pkey" PRIMARY KEY ("quarantine_id")
);
CREATE INDEX "quarantined_state" ON "quarantined" ("state", "quarantine_id");
