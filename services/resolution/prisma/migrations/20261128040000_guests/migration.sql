-- Guests of an order: the codes that were asked for, the sessions that came of them, and how often somebody asked.
CREATE TABLE "guest_code" (
    "guest_code_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "code_hash" BYTEA,
    "tries" INTEGER NOT NULL,
    "expire_time" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "guest_code_pkey" PRIMARY KEY ("guest_code_id"),
    -- What opens was sent to somebody.
    CONSTRAINT "guest_code_sent" CHECK ("state" <> 'SENT' OR ("code_hash" IS NOT NULL AND "customer_id" <> ''))
);
CREATE INDEX "guest_code_order" ON "guest_code"("order_id");

CREATE TABLE "guest_session" (
    "session_id" TEXT NOT NULL,
    "guest_code_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "expire_time" TIMESTAMPTZ(3) NOT NULL,
    "revoke_time" TIMESTAMPTZ(3),
    CONSTRAINT "guest_session_pkey" PRIMARY KEY ("session_id")
);
CREATE INDEX "guest_session_order" ON "guest_session"("order_id");

CREATE TABLE "guest_limit" (
    "limit_key" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "asked" INTEGER NOT NULL,
    CONSTRAINT "guest_limit_pkey" PRIMARY KEY ("limit_key")
);
