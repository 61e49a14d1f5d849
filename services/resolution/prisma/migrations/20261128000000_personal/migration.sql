-- The keys that what is known of people is sealed with, one per subject. Services that keep personal texts have this
-- table, to the letter.
CREATE TABLE "subject_key" (
    "key_id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "kek" TEXT NOT NULL,
    "wrapped" BYTEA,
    "create_time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "destroy_time" TIMESTAMPTZ(3),
    CONSTRAINT "subject_key_pkey" PRIMARY KEY ("key_id"),
    -- A destroyed key is a row without a key: a restored backup is held against these.
    CONSTRAINT "subject_key_destroyed" CHECK (("wrapped" IS NULL) = ("destroy_time" IS NOT NULL))
);
CREATE UNIQUE INDEX "subject_key_live" ON "subject_key" ("subject") WHERE "destroy_time" IS NULL;
CREATE INDEX "subject_key_kek" ON "subject_key" ("kek") WHERE "destroy_time" IS NULL;

-- Whose contact an order has, found without being kept: HMACs of the normal forms. Rows come with the requests; the
-- contacts are learned afterwards, from the order system.
CREATE TABLE "contact" (
    "order_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "phone_hash" TEXT,
    "email_hash" TEXT,
    "learn_time" TIMESTAMPTZ(3),
    "try_time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "contact_pkey" PRIMARY KEY ("order_id")
);
CREATE INDEX "contact_phone" ON "contact" ("phone_hash", "order_id") WHERE "phone_hash" IS NOT NULL;
CREATE INDEX "contact_email" ON "contact" ("email_hash", "order_id") WHERE "email_hash" IS NOT NULL;
CREATE INDEX "contact_customer" ON "contact" ("customer_id");
CREATE INDEX "contact_unlearned" ON "contact" ("try_time") WHERE "learn_time" IS NULL;
