-- Where the money was when the history was last taken in: a notice tells when it sets out.
ALTER TABLE "feed" ADD COLUMN "money" INTEGER NOT NULL DEFAULT 0;

-- Published words; what is shipped is version 0, and in no table. Never changed: a notice is read again by its version.
CREATE TABLE "notice_template" (
    "event" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "texts" JSONB NOT NULL,
    "author" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "notice_template_pkey" PRIMARY KEY ("event", "market", "channel", "version")
);

-- What customers were told: the template's version and the values, not the words, which come of them. What staff wrote stays
-- in the history of the resolution: the entry is named here.
CREATE TABLE "notice" (
    "notice_id" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "template_market" TEXT NOT NULL,
    "template_version" INTEGER NOT NULL,
    "values" JSONB NOT NULL,
    "reason_sequence" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "notification_id" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "notice_pkey" PRIMARY KEY ("notice_id")
);
CREATE INDEX "notice_resolution" ON "notice" ("resolution_id", "create_time");
