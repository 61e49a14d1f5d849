-- Parcels on their way, as the collection tells of them. Keyed by what they serve, not by an inspection: the collection may
-- be heard before the dock is told to expect anything. One label may stand here for several resolutions.
CREATE TABLE "inbound_parcel" (
    "resolution_id" TEXT NOT NULL,
    "tracking_number" TEXT NOT NULL,
    "carrier" TEXT NOT NULL,
    "centre" TEXT NOT NULL,
    "collection_id" TEXT NOT NULL,
    "pickup_time" TIMESTAMPTZ(3),
    "deliver_time" TIMESTAMPTZ(3),
    CONSTRAINT "inbound_parcel_pkey" PRIMARY KEY ("resolution_id", "tracking_number")
);
CREATE INDEX "inbound_parcel_label" ON "inbound_parcel" ("tracking_number");

-- Who bears the way back of what was rejected; nothing was said of what went back before.
ALTER TABLE "inspection" ADD COLUMN "send_back_payer" TEXT NOT NULL DEFAULT '';
