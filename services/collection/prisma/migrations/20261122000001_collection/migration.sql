-- The way of one resolution's goods to the warehouse.
CREATE TABLE "collection" (
    "collection_id" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "units" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "carrier" TEXT,
    "tracking_number" TEXT,
    "booking_id" TEXT,
    "slot" JSONB,
    "attempts" JSONB NOT NULL,
    "max_attempts" INTEGER NOT NULL,
    "news" JSONB,
    "hand_over_time" TIMESTAMPTZ(3),
    "deliver_time" TIMESTAMPTZ(3),
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "update_time" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "collection_pkey" PRIMARY KEY ("collection_id"),
    CONSTRAINT "collection_units_check" CHECK ("units" > 0)
);

-- Reports name the parcel. Not booked yet means no number, and nothing to collide with.
CREATE UNIQUE INDEX "collection_parcel" ON "collection" ("carrier", "tracking_number");

-- Everything a carrier ever said, also what changed nothing; rows never change.
CREATE TABLE "tracking_event" (
    "collection_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "fault" TEXT,
    "event_time" TIMESTAMPTZ(3) NOT NULL,
    "receive_time" TIMESTAMPTZ(3) NOT NULL,
    "applied" BOOLEAN NOT NULL,
    CONSTRAINT "tracking_event_pkey" PRIMARY KEY ("collection_id", "event_id")
);
