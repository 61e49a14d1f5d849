-- When the carrier said that a parcel is lost: it is waited for no longer. Nothing was noted of those lost before.
ALTER TABLE "inbound_parcel" ADD COLUMN "lose_time" TIMESTAMPTZ(3);

-- The parcels that were still on their way when an inspection was completed without them.
ALTER TABLE "inspection" ADD COLUMN "completed_without" JSONB NOT NULL DEFAULT '[]';
