-- Stops that were asked for and how they ended, for those whose answer comes later.
CREATE TABLE "release_stop" (
    "stop_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "gone" BOOLEAN NOT NULL,
    CONSTRAINT "release_stop_pkey" PRIMARY KEY ("stop_id")
);

-- Units that turned round on their way: never more than were bought.
CREATE TABLE "intercepted_units" (
    "order_id" TEXT NOT NULL,
    "line_id" TEXT NOT NULL,
    "purchased" INTEGER NOT NULL,
    "intercepted" INTEGER NOT NULL,
    CONSTRAINT "intercepted_units_pkey" PRIMARY KEY ("order_id", "line_id"),
    CONSTRAINT "intercepted_units_cap_check" CHECK ("intercepted" <= "purchased")
);

-- A hold ends by itself; those of before this are kept until they are let go.
ALTER TABLE "stock_hold" ADD COLUMN "expire_time" TIMESTAMPTZ(3);
CREATE INDEX "stock_hold_expiring" ON "stock_hold" ("expire_time") WHERE "state" = 'HELD' AND "expire_time" IS NOT NULL;

-- What one unit costs now. A product without a row has no price.
CREATE TABLE "product_price" (
    "sku" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "minor" BIGINT NOT NULL,
    CONSTRAINT "product_price_pkey" PRIMARY KEY ("sku")
);

-- What customers were asked to pay.
CREATE TABLE "demand" (
    "demand_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "payment_id" TEXT NOT NULL,
    "expire_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "demand_pkey" PRIMARY KEY ("demand_id")
);
