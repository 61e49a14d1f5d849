-- When a market's calendar changes, everything that is open there is counted again.
CREATE INDEX "resolution_open" ON "resolution" ("market", "resolution_id") WHERE "close_time" IS NULL;

-- A decision of staff serves one request, unless that one came to nothing.
ALTER TABLE "resolution" ADD COLUMN "staff_decision_id" TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX "resolution_staff_decision" ON "resolution" ("staff_decision_id")
    WHERE "staff_decision_id" <> '' AND "state" NOT IN ('DECLINED', 'WITHDRAWN', 'AUTO_WITHDRAWN', 'CANCELED');
