-- The decision in whose place staff put this one. One at most: the next override is of the latest.
ALTER TABLE "decision" ADD COLUMN "overrides" TEXT;
CREATE UNIQUE INDEX "decision_overrides" ON "decision" ("overrides") WHERE "overrides" IS NOT NULL;
