-- A parcel that stands in quarantine whole, under the label on it: the same label read once more is no other parcel. What
-- stands there from before may have been read twice, so it is told from what comes from now on.
ALTER TABLE "quarantined" ADD COLUMN "whole" BOOLEAN NOT NULL DEFAULT false;
CREATE UNIQUE INDEX "quarantined_once" ON "quarantined" ("centre", "tracking_number") WHERE "whole" AND "state" = 'HELD';
