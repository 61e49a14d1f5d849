-- Each of a seller's subscriptions has a place, so that two that are made at once cannot both be the last that may be.
ALTER TABLE "subscription" ADD COLUMN "place" INTEGER;
UPDATE "subscription" SET "place" = counted.place FROM (
  SELECT subscription_id, row_number() OVER (PARTITION BY seller_id ORDER BY subscription_id) AS place
  FROM "subscription" WHERE "state" <> 'DELETED') counted
WHERE "subscription".subscription_id = counted.subscription_id;
CREATE UNIQUE INDEX "subscription_place" ON "subscription" ("seller_id", "place") WHERE "state" <> 'DELETED';
