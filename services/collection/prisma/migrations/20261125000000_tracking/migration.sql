-- A report whose code nobody could read has no kind, and says why (`aside`). Whose code it is: who reported.
ALTER TABLE "tracking_event" ALTER COLUMN "kind" DROP NOT NULL;
ALTER TABLE "tracking_event" ADD COLUMN "reporter" TEXT;
ALTER TABLE "tracking_event" ADD COLUMN "aside" TEXT;
ALTER TABLE "tracking_event" ADD COLUMN "evidence" JSONB;
ALTER TABLE "tracking_event" ADD COLUMN "next_attempt_time" TIMESTAMPTZ(3);
CREATE INDEX "tracking_event_aside" ON "tracking_event" ("reporter", "code") WHERE "aside" IN ('UNKNOWN', 'UNCLEAR');

-- What dwell time found. `stalls` counts, also what was found again: scorecards ask for it.
ALTER TABLE "collection" ADD COLUMN "stall_time" TIMESTAMPTZ(3);
ALTER TABLE "collection" ADD COLUMN "presume_lost_time" TIMESTAMPTZ(3);
ALTER TABLE "collection" ADD COLUMN "stalls" INTEGER NOT NULL DEFAULT 0;

-- Scorecards ask for the collections of a time range.
CREATE INDEX "collection_created" ON "collection" ("create_time");

-- Parcels that were under way before anybody watched them are watched from now on.
INSERT INTO "agenda" ("agenda_id", "aggregate_id", "step", "due_time", "payload", "traceparent")
SELECT 'stp_watch_' || "collection_id", "collection_id", 'watch', "update_time" + interval '1 day', '{}', ''
FROM "collection"
WHERE "booking_id" IS NOT NULL AND "state" NOT IN ('DELIVERED', 'LOST', 'DIRECTION_FAILED', 'CANCELED')
  AND ("hand_over_time" IS NOT NULL OR "method" LIKE 'PICKUP%');
