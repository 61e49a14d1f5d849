-- What is set aside on customers' cards: never more is taken than that.
CREATE TABLE "card_authorization" (
    "authorization_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "captured_minor" BIGINT NOT NULL,
    "payment_id" TEXT NOT NULL,
    "expire_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "card_authorization_pkey" PRIMARY KEY ("authorization_id"),
    CONSTRAINT "card_authorization_cap_check" CHECK ("captured_minor" <= "amount_minor")
);
