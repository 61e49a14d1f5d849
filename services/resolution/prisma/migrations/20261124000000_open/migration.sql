-- When a market's calendar changes, everything that is open there is counted again.
CREATE INDEX "resolution_open" ON "resolution" ("market", "resolution_id") WHERE "close_time" IS NULL;
