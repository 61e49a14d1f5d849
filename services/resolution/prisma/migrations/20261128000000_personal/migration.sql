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

-- Who is to be forgotten, and how far that is. Rows stay: after a restore they say whose keys must go again.
CREATE TABLE "erasure" (
    "erasure_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "asked_by" TEXT NOT NULL,
    "confirmed_by" TEXT NOT NULL,
    "obstacles" JSONB NOT NULL,
    "erased_by" TEXT[] NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "erase_time" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,
    CONSTRAINT "erasure_pkey" PRIMARY KEY ("erasure_id")
);
CREATE UNIQUE INDEX "erasure_open" ON "erasure" ("customer_id") WHERE "state" <> 'ERASED';

-- Why a customer's data must stay for now.
CREATE TABLE "legal_hold" (
    "legal_hold_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "case_number" TEXT NOT NULL,
    "end_time" TIMESTAMPTZ(3) NOT NULL,
    "author" TEXT NOT NULL,
    CONSTRAINT "legal_hold_pkey" PRIMARY KEY ("legal_hold_id")
);
CREATE UNIQUE INDEX "legal_hold_case" ON "legal_hold" ("customer_id", "case_number");
