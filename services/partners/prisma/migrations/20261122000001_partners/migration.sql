-- The sandbox's own settings, one row: how far business time runs ahead, and how long carriers and the warehouse take.
CREATE TABLE "sandbox" (
    "sandbox_id" INTEGER NOT NULL,
    "offset_ms" BIGINT NOT NULL,
    "pickup_ms" BIGINT NOT NULL,
    "transit_ms" BIGINT NOT NULL,
    "inspection_ms" BIGINT NOT NULL,
    "retry_ms" BIGINT NOT NULL,
    CONSTRAINT "sandbox_pkey" PRIMARY KEY ("sandbox_id"),
    CONSTRAINT "sandbox_one_row_check" CHECK ("sandbox_id" = 1)
);
INSERT INTO "sandbox" VALUES (1, 0, 86400000, 172800000, 14400000, 86400000);

-- What goes wrong. `played` counts towards `times`.
CREATE TABLE "scenario" (
    "scenario_id" TEXT NOT NULL,
    "twist" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "times" INTEGER NOT NULL,
    "played" INTEGER NOT NULL,
    "rate_ppm" INTEGER NOT NULL,
    "seed" BIGINT NOT NULL,
    "latency_ms" INTEGER NOT NULL,
    "units" INTEGER NOT NULL,
    CONSTRAINT "scenario_pkey" PRIMARY KEY ("scenario_id")
);

-- Orders as they were sold: `body` is the contract's Order, which never changes.
CREATE TABLE "sold_order" (
    "order_id" TEXT NOT NULL,
    "body" BYTEA NOT NULL,
    "ship_time" TIMESTAMPTZ(3),
    "deliver_time" TIMESTAMPTZ(3),
    CONSTRAINT "sold_order_pkey" PRIMARY KEY ("order_id")
);

-- Units that were held back and will not leave: never more than were bought.
CREATE TABLE "stopped_units" (
    "order_id" TEXT NOT NULL,
    "line_id" TEXT NOT NULL,
    "purchased" INTEGER NOT NULL,
    "stopped" INTEGER NOT NULL,
    CONSTRAINT "stopped_units_pkey" PRIMARY KEY ("order_id", "line_id"),
    CONSTRAINT "stopped_units_cap_check" CHECK ("stopped" <= "purchased")
);

-- Replacements that went out.
CREATE TABLE "replacement" (
    "shipment_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "hold_id" TEXT NOT NULL,
    "lines" JSONB NOT NULL,
    "ship_time" TIMESTAMPTZ(3) NOT NULL,
    "deliver_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "replacement_pkey" PRIMARY KEY ("shipment_id")
);
CREATE INDEX "replacement_order" ON "replacement" ("order_id");

-- The payment provider's own book: no code can pay back more than was captured.
CREATE TABLE "payment" (
    "payment_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "captured_minor" BIGINT NOT NULL,
    "refunded_minor" BIGINT NOT NULL,
    CONSTRAINT "payment_pkey" PRIMARY KEY ("payment_id"),
    CONSTRAINT "payment_cap_check" CHECK ("refunded_minor" >= 0 AND "refunded_minor" <= "captured_minor")
);
CREATE INDEX "payment_order" ON "payment" ("order_id");

-- Money paid back, once per key.
CREATE TABLE "provider_refund" (
    "key" TEXT NOT NULL,
    "provider_refund_id" TEXT NOT NULL,
    "payment_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "provider_refund_pkey" PRIMARY KEY ("key"),
    CONSTRAINT "provider_refund_amount_check" CHECK ("amount_minor" > 0)
);
CREATE INDEX "provider_refund_payment" ON "provider_refund" ("payment_id", "provider_refund_id");

-- Products that the catalogue knows, and how many are on the shelf.
CREATE TABLE "product" (
    "sku" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "final_sale" BOOLEAN NOT NULL,
    "temperature" TEXT NOT NULL,
    "on_shelf" INTEGER NOT NULL,
    CONSTRAINT "product_pkey" PRIMARY KEY ("sku"),
    CONSTRAINT "product_shelf_check" CHECK ("on_shelf" >= 0)
);

CREATE TABLE "member" (
    "customer_id" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    CONSTRAINT "member_pkey" PRIMARY KEY ("customer_id")
);

-- Units set aside. `moved_by` is the request that released or shipped them.
CREATE TABLE "stock_hold" (
    "hold_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "lines" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "moved_by" TEXT NOT NULL,
    CONSTRAINT "stock_hold_pkey" PRIMARY KEY ("hold_id")
);

-- What became of returned units, line by line as it was posted.
CREATE TABLE "disposed_line" (
    "posting_id" TEXT NOT NULL,
    "line_number" INTEGER NOT NULL,
    "inspection_id" TEXT NOT NULL,
    "sku" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "disposition" TEXT NOT NULL,
    "grade" TEXT NOT NULL,
    CONSTRAINT "disposed_line_pkey" PRIMARY KEY ("posting_id", "line_number")
);

-- Bookings of carriers, each with its parcel. What is planned for it stands on the agenda.
CREATE TABLE "parcel" (
    "booking_id" TEXT NOT NULL,
    "tracking_number" TEXT NOT NULL,
    "carrier" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "units" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "book_time" TIMESTAMPTZ(3) NOT NULL,
    "move_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "parcel_pkey" PRIMARY KEY ("booking_id"),
    CONSTRAINT "parcel_tracking_number_key" UNIQUE ("tracking_number")
);
CREATE INDEX "parcel_resolution" ON "parcel" ("resolution_id", "booking_id");

-- Where a parcel and its announcement meet, whichever comes first: one row per resolution, both write it.
CREATE TABLE "dock" (
    "resolution_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "inspection_id" TEXT,
    "lines" JSONB,
    "booking_id" TEXT,
    CONSTRAINT "dock_pkey" PRIMARY KEY ("resolution_id")
);
CREATE INDEX "dock_inspection" ON "dock" ("inspection_id");

-- Rejected units on their way back to the customer.
CREATE TABLE "sent_back" (
    "tracking_number" TEXT NOT NULL,
    "inspection_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "lines" JSONB NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "sent_back_pkey" PRIMARY KEY ("tracking_number")
);

CREATE TABLE "notification" (
    "notification_id" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "values" JSONB NOT NULL,
    "send_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "notification_pkey" PRIMARY KEY ("notification_id")
);
CREATE INDEX "notification_resolution" ON "notification" ("resolution_id", "notification_id");
