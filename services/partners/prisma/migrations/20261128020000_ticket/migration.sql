-- Tickets, as the ticket system keeps them. How far one is follows from the time since it was opened.
CREATE TABLE "ticket" (
    "ticket_id" TEXT NOT NULL PRIMARY KEY,
    "resolution_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "open_time" TIMESTAMPTZ(3) NOT NULL
);
