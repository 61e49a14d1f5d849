-- What the payment provider knows of a payment besides money: how it was paid, whose it is, what was disputed.
-- Whatever left it and did not come back is under one cap.
ALTER TABLE "payment"
    ADD COLUMN "customer_id" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "method" TEXT NOT NULL DEFAULT 'CARD',
    ADD COLUMN "charged_back_minor" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "dispute_open" BOOLEAN NOT NULL DEFAULT false,
    DROP CONSTRAINT "payment_cap_check",
    ADD CONSTRAINT "payment_cap_check" CHECK ("refunded_minor" >= 0 AND "charged_back_minor" >= 0
        AND "refunded_minor" + "charged_back_minor" <= "captured_minor");

-- Refunds and payouts. A key is remembered until `live_until` (null: for ever); asked under it later, the provider pays
-- again, as the key's next use. Two who use a key at once compute the same number, and one of them fails.
-- `by_mistake`: paid a second time by the provider's own fault, so not under the payment's cap.
ALTER TABLE "provider_refund"
    DROP CONSTRAINT "provider_refund_pkey",
    ADD CONSTRAINT "provider_refund_pkey" PRIMARY KEY ("provider_refund_id"),
    ADD COLUMN "use_number" INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN "live_until" TIMESTAMPTZ(3),
    ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'REFUND',
    ADD COLUMN "account_token" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "state" TEXT NOT NULL DEFAULT 'SUCCEEDED',
    ADD COLUMN "failure" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "by_mistake" BOOLEAN NOT NULL DEFAULT false,
    ADD CONSTRAINT "provider_refund_use_key" UNIQUE ("key", "use_number");
UPDATE "provider_refund" SET "live_until" = "create_time" + interval '86400 seconds';

-- The provider's statement: every movement of money. Line ids sort by book time.
CREATE TABLE "statement_line" (
    "line_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "payment_id" TEXT NOT NULL,
    "provider_refund_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "book_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "statement_line_pkey" PRIMARY KEY ("line_id"),
    CONSTRAINT "statement_line_amount_check" CHECK ("amount_minor" > 0)
);
CREATE INDEX "statement_line_refund" ON "statement_line" ("provider_refund_id");
-- What was paid back before there was a statement: the id's first ten characters are the book time, as in any ULID.
INSERT INTO "statement_line"
SELECT 'sln_' || "time" || substr("provider_refund_id", 15), 'REFUND', "payment_id", "provider_refund_id", "key",
    "currency", "amount_minor", "create_time"
FROM "provider_refund", LATERAL (
    SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ',
        ((floor(extract(epoch FROM "create_time") * 1000)::bigint >> 5 * "digit") & 31)::int + 1, 1), ''
        ORDER BY "digit" DESC) AS "time"
    FROM generate_series(0, 9) AS "digit") AS "ulid";

-- Bank accounts that were verified. The token is made from the account with a secret; the number itself is nowhere.
CREATE TABLE "account" (
    "account_token" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "bank_code" TEXT NOT NULL,
    "masked" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "account_pkey" PRIMARY KEY ("account_token")
);

-- Points that a customer's purchases earned and nobody took back yet.
CREATE TABLE "point_balance" (
    "customer_id" TEXT NOT NULL,
    "points" BIGINT NOT NULL,
    CONSTRAINT "point_balance_pkey" PRIMARY KEY ("customer_id"),
    CONSTRAINT "point_balance_check" CHECK ("points" >= 0)
);

-- The points system's book, once per key. `asked_points` may be more than were there.
CREATE TABLE "movement" (
    "movement_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "currency" TEXT,
    "amount_minor" BIGINT,
    "asked_points" BIGINT NOT NULL,
    "points" BIGINT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "movement_pkey" PRIMARY KEY ("movement_id"),
    CONSTRAINT "movement_key_key" UNIQUE ("key")
);

-- Coupons that were asked back, once per key.
CREATE TABLE "coupon_return" (
    "key" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "coupon_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "restored" BOOLEAN NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "coupon_return_pkey" PRIMARY KEY ("key")
);

-- Corrections of what sellers are paid, once per key.
CREATE TABLE "adjustment" (
    "key" TEXT NOT NULL,
    "adjustment_id" TEXT NOT NULL,
    "seller_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "adjustment_pkey" PRIMARY KEY ("key")
);

-- Tax documents of sales: no code can correct more than was paid.
CREATE TABLE "tax_document" (
    "document_number" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "paid_minor" BIGINT NOT NULL,
    "corrected_minor" BIGINT NOT NULL,
    CONSTRAINT "tax_document_pkey" PRIMARY KEY ("document_number"),
    CONSTRAINT "tax_document_cap_check" CHECK ("corrected_minor" >= 0 AND "corrected_minor" <= "paid_minor")
);

-- Their corrections, once per key. Numbers sort by issue time.
CREATE TABLE "correction" (
    "correction_number" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "document_number" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "tax_minor" BIGINT,
    "issue_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "correction_pkey" PRIMARY KEY ("correction_number"),
    CONSTRAINT "correction_key_key" UNIQUE ("key")
);
