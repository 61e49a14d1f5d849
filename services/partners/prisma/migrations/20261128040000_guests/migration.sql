-- The contacts that orders were placed with, and the codes that were sent to them.
CREATE TABLE "order_contacts" (
    "order_id" TEXT NOT NULL,
    "contacts" TEXT[],
    CONSTRAINT "order_contacts_pkey" PRIMARY KEY ("order_id")
);
CREATE TABLE "sent_guest_code" (
    "notification_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "contact" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "send_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "sent_guest_code_pkey" PRIMARY KEY ("notification_id")
);
CREATE INDEX "sent_guest_code_order" ON "sent_guest_code"("order_id", "notification_id");
