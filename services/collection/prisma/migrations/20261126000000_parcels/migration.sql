-- A parcel is what a carrier numbers. It may hold goods of several collections, all of one customer: `customers` only ever
-- says so, and a second one breaks it. `collection_id` is the collection that had it first.
CREATE TABLE "parcel" (
    "carrier" TEXT NOT NULL,
    "tracking_number" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "collection_id" TEXT NOT NULL,
    "customers" SMALLINT NOT NULL DEFAULT 1,
    CONSTRAINT "parcel_pkey" PRIMARY KEY ("carrier", "tracking_number"),
    CONSTRAINT "parcel_of_one_customer" CHECK ("customers" = 1)
);

-- Which goods are in which parcel. Reports find their collections here.
CREATE TABLE "parcel_content" (
    "carrier" TEXT NOT NULL,
    "tracking_number" TEXT NOT NULL,
    "collection_id" TEXT NOT NULL,
    "units" INTEGER NOT NULL,
    CONSTRAINT "parcel_content_pkey" PRIMARY KEY ("carrier", "tracking_number", "collection_id"),
    CONSTRAINT "parcel_content_units" CHECK ("units" > 0)
);
CREATE INDEX "parcel_content_collection" ON "parcel_content" ("collection_id");

-- A driver's visit to one customer at one address. `members` counts the collections that still wait for the driver: the
-- last one to be called off or handed over closes it, and nobody joins what is closed. `moves` counts its changes of slot.
CREATE TABLE "visit" (
    "visit_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "address_key" TEXT NOT NULL,
    "opener_id" TEXT NOT NULL,
    "slot" JSONB,
    "members" INTEGER NOT NULL,
    "moves" INTEGER NOT NULL DEFAULT 0,
    "closed" BOOLEAN NOT NULL DEFAULT false,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "visit_pkey" PRIMARY KEY ("visit_id"),
    CONSTRAINT "visit_members" CHECK ("members" >= 0),
    CONSTRAINT "visit_moves" CHECK ("moves" >= 0)
);
CREATE UNIQUE INDEX "visit_open" ON "visit" ("customer_id", "market", "address_key") WHERE NOT "closed";

-- `parcels` stands only in collections that are split; without it the booking is the one parcel, with all units.
ALTER TABLE "collection" ADD COLUMN "parcels" JSONB;
ALTER TABLE "collection" ADD COLUMN "visit_id" TEXT;
CREATE INDEX "collection_visit" ON "collection" ("visit_id") WHERE "visit_id" IS NOT NULL;

-- Carriers' own event ids may repeat between two parcels of one collection. Rows of before name no parcel: there was one.
ALTER TABLE "tracking_event" ADD COLUMN "tracking_number" TEXT NOT NULL DEFAULT '';
ALTER TABLE "tracking_event" DROP CONSTRAINT "tracking_event_pkey";
ALTER TABLE "tracking_event"
    ADD CONSTRAINT "tracking_event_pkey" PRIMARY KEY ("collection_id", "tracking_number", "event_id");

-- What is booked already: one parcel each, found by these tables from now on. Their visits stay their own.
INSERT INTO "parcel" ("carrier", "tracking_number", "customer_id", "collection_id")
SELECT "carrier", "tracking_number", "customer_id", "collection_id" FROM "collection" WHERE "tracking_number" IS NOT NULL;
INSERT INTO "parcel_content" ("carrier", "tracking_number", "collection_id", "units")
SELECT "carrier", "tracking_number", "collection_id", "units" FROM "collection" WHERE "tracking_number" IS NOT NULL;
DROP INDEX "collection_parcel";
