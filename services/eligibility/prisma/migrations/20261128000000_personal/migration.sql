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

-- What staff wrote of somebody is found by whose decision it is.
CREATE INDEX "decision_staff" ON "decision" ("customer_id") WHERE "by_staff";
