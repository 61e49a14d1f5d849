-- One refund of one resolution, with its intent: amounts and provider keys are never changed.
CREATE TABLE "refund" (
    "refund_id" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "quote" JSONB NOT NULL,
    "tenders" JSONB NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "settle_time" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,
    CONSTRAINT "refund_pkey" PRIMARY KEY ("refund_id"),
    CONSTRAINT "refund_amount_check" CHECK ("amount_minor" >= 0)
);
CREATE INDEX "refund_order" ON "refund" ("order_id", "refund_id");
CREATE INDEX "refund_state" ON "refund" ("state", "refund_id");

-- Units refunded, as ranges of a line's units: no unit is ever in two, and none beyond what was bought.
CREATE TABLE "refund_item" (
    "order_id" TEXT NOT NULL,
    "line_id" TEXT NOT NULL,
    "from_unit" INTEGER NOT NULL,
    "quantity" INTEGER NOT NULL,
    "purchased" INTEGER NOT NULL,
    "refund_id" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    CONSTRAINT "refund_item_pkey" PRIMARY KEY ("order_id", "line_id", "from_unit"),
    CONSTRAINT "refund_item_units_check" CHECK ("from_unit" >= 0 AND "quantity" > 0 AND "from_unit" + "quantity" <= "purchased"),
    CONSTRAINT "refund_item_amount_check" CHECK ("amount_minor" >= 0)
);
CREATE INDEX "refund_item_refund" ON "refund_item" ("refund_id");

-- What was captured and what is granted back of each payment: never more, whatever the code does.
CREATE TABLE "payment" (
    "payment_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "captured_minor" BIGINT NOT NULL,
    "refunded_minor" BIGINT NOT NULL,
    CONSTRAINT "payment_pkey" PRIMARY KEY ("payment_id"),
    CONSTRAINT "payment_cap_check" CHECK ("refunded_minor" >= 0 AND "refunded_minor" <= "captured_minor")
);
CREATE INDEX "payment_order" ON "payment" ("order_id");

-- The double-entry ledger. Positive is debit, negative is credit; rows never change, journals sum to zero.
CREATE TABLE "ledger_entry" (
    "entry_id" TEXT NOT NULL,
    "journal_id" TEXT NOT NULL,
    "refund_id" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("entry_id")
);
CREATE INDEX "ledger_entry_refund" ON "ledger_entry" ("refund_id", "entry_id");

CREATE FUNCTION "ledger_balanced"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added GROUP BY "journal_id", "currency" HAVING sum("amount_minor") <> 0) THEN
        RAISE EXCEPTION 'a journal does not sum to zero' USING ERRCODE = 'BH002';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "ledger_balanced" AFTER INSERT ON "ledger_entry"
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "ledger_balanced"();

CREATE FUNCTION "ledger_immutable"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger entries are never changed; book a reversal' USING ERRCODE = 'BH003';
END $$;
CREATE TRIGGER "ledger_immutable" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entry"
    FOR EACH STATEMENT EXECUTE FUNCTION "ledger_immutable"();
