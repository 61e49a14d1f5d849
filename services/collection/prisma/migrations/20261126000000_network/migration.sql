-- Places in drivers' days: one row per window of a carrier in a group of areas, written with its first place.
CREATE TABLE "slot_ledger" (
    "market" TEXT NOT NULL,
    "area" TEXT NOT NULL,
    "slot_id" TEXT NOT NULL,
    "carrier" TEXT NOT NULL,
    "capacity" INTEGER NOT NULL,
    "taken" INTEGER NOT NULL,
    CONSTRAINT "slot_ledger_pkey" PRIMARY KEY ("market", "area", "slot_id", "carrier"),
    CONSTRAINT "slot_ledger_taken_check" CHECK ("taken" >= 0)
);

-- Who has a place, the collection that a driver was booked for: a step that is done again finds its own, and a place is given
-- back once.
CREATE TABLE "slot_place" (
    "holder_id" TEXT NOT NULL,
    "slot_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "area" TEXT NOT NULL,
    "carrier" TEXT NOT NULL,
    CONSTRAINT "slot_place_pkey" PRIMARY KEY ("holder_id", "slot_id")
);

-- Where the network sends a collection and by whom, fixed before the carrier is asked. `slot` is what was held for it then.
-- Of the address only the postcode is kept.
CREATE TABLE "collection_route" (
    "collection_id" TEXT NOT NULL,
    "carrier" TEXT NOT NULL,
    "area" TEXT NOT NULL,
    "postcode" TEXT NOT NULL,
    "centre" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    -- Whose place the driver comes in: its own, or that of the collection whose visit it joined.
    "holder_id" TEXT NOT NULL,
    "slot" JSONB,
    CONSTRAINT "collection_route_pkey" PRIMARY KEY ("collection_id")
);
