-- A calendar that was published while the sandbox ran: the message's bytes. It stands before the one shipped in a file.
CREATE TABLE "published_calendar" (
    "market" TEXT NOT NULL,
    "body" BYTEA NOT NULL,
    CONSTRAINT "published_calendar_pkey" PRIMARY KEY ("market")
);
