-- The words of a message, where the mesh made them.
ALTER TABLE "notification"
    ADD COLUMN "channel" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "language" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "subject" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "body" TEXT NOT NULL DEFAULT '';
