-- Rows of these are written in the order of their time and go in it: a summary per block finds the old ones, and costs
-- nothing to write.
CREATE INDEX "request_age" ON "request" USING brin ("create_time");
CREATE INDEX "consumed_age" ON "consumed" USING brin ("create_time");
CREATE INDEX "outbox_age" ON "outbox" USING brin ("create_time");
