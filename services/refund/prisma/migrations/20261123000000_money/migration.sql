-- What a refund is about besides money over its tenders, and the guards that hold even if the code forgets.
ALTER TABLE "refund"
    ADD COLUMN "origin" TEXT NOT NULL DEFAULT 'RESOLUTION',
    ADD COLUMN "reason" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "fault" TEXT NOT NULL DEFAULT 'GENERAL',
    ADD COLUMN "granted_by" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "issued_by" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "differences" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "twins" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "interest" JSONB,
    ADD COLUMN "recovery" JSONB,
    ADD COLUMN "sequence" INTEGER;
-- The place among the order's refunds: no two are decided from the same past.
UPDATE "refund" SET "sequence" = o."place" FROM (
    SELECT "refund_id", row_number() OVER (PARTITION BY "order_id" ORDER BY "refund_id") AS "place" FROM "refund") o
WHERE o."refund_id" = "refund"."refund_id";
ALTER TABLE "refund" ALTER COLUMN "sequence" SET NOT NULL;
CREATE UNIQUE INDEX "refund_sequence" ON "refund" ("order_id", "sequence");

-- One row per provider key, for ever: what was asked under it never changes, and no key is used for two things.
CREATE TABLE "tender" (
    "provider_key" TEXT NOT NULL,
    "refund_id" TEXT NOT NULL,
    "payment_id" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "held_for" TEXT NOT NULL DEFAULT '',
    "provider_refund_id" TEXT NOT NULL DEFAULT '',
    "request_time" TIMESTAMPTZ(3),
    "settle_time" TIMESTAMPTZ(3),
    CONSTRAINT "tender_pkey" PRIMARY KEY ("provider_key"),
    CONSTRAINT "tender_amount_check" CHECK ("amount_minor" > 0)
);
CREATE INDEX "tender_refund" ON "tender" ("refund_id");
CREATE INDEX "tender_payment" ON "tender" ("payment_id");

-- What stands already: every share went over its payment.
UPDATE "refund" SET
    "quote" = '{"adjustments": [], "restored": []}'::jsonb || "quote",
    "tenders" = (
        SELECT coalesce(jsonb_agg(
            '{"route": "ORIGINAL", "heldFor": "", "accountToken": ""}'::jsonb
            || jsonb_build_object('payments', CASE t->>'state' WHEN 'SUCCEEDED' THEN 1 ELSE 0 END,
                'requestTime', to_char("create_time" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
            || t || CASE t->>'state' WHEN 'GRANTED' THEN '{"state": "REQUESTED"}'::jsonb ELSE '{}'::jsonb END), '[]'::jsonb)
        FROM jsonb_array_elements("tenders") t),
    "state" = CASE "state" WHEN 'GRANTED' THEN 'REQUESTED' ELSE "state" END;
INSERT INTO "tender" ("provider_key", "refund_id", "payment_id", "route", "currency", "amount_minor", "state",
    "provider_refund_id", "request_time", "settle_time")
SELECT t->>'providerKey', "refund_id", t->>'paymentId', 'ORIGINAL', t->'amount'->>'currency',
    (t->'amount'->>'minor')::bigint, t->>'state', t->>'providerRefundId', "create_time",
    CASE t->>'state' WHEN 'SUCCEEDED' THEN coalesce("settle_time", "create_time") END
FROM "refund", jsonb_array_elements("tenders") t;

CREATE FUNCTION "tender_key_kept"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW."provider_key", NEW."refund_id", NEW."payment_id", NEW."currency", NEW."amount_minor")
        IS DISTINCT FROM (OLD."provider_key", OLD."refund_id", OLD."payment_id", OLD."currency", OLD."amount_minor") THEN
        RAISE EXCEPTION 'what was asked under a provider key never changes' USING ERRCODE = 'BH004';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "tender_key_kept" BEFORE UPDATE ON "tender" FOR EACH ROW EXECUTE FUNCTION "tender_key_kept"();
CREATE FUNCTION "tender_kept"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a provider key is kept for ever' USING ERRCODE = 'BH004';
END $$;
CREATE TRIGGER "tender_kept" BEFORE DELETE OR TRUNCATE ON "tender" FOR EACH STATEMENT EXECUTE FUNCTION "tender_kept"();

-- What is refunded of each order line: units and money, as counters with their caps.
CREATE TABLE "refund_line" (
    "order_id" TEXT NOT NULL,
    "line_id" TEXT NOT NULL,
    "purchased" INTEGER NOT NULL,
    "refunded_units" INTEGER NOT NULL,
    "paid_minor" BIGINT, -- NULL: refunded before this was kept; the next refund fills it in
    "refunded_minor" BIGINT NOT NULL,
    CONSTRAINT "refund_line_pkey" PRIMARY KEY ("order_id", "line_id"),
    CONSTRAINT "refund_line_units_check" CHECK ("refunded_units" >= 0 AND "refunded_units" <= "purchased"),
    CONSTRAINT "refund_line_money_check" CHECK ("refunded_minor" >= 0 AND "refunded_minor" <= "paid_minor")
);
INSERT INTO "refund_line"
SELECT "order_id", "line_id", max("purchased"), sum("quantity"), NULL, sum("amount_minor")
FROM "refund_item" GROUP BY "order_id", "line_id";

-- Chargebacks count against the cap like refunds. One that comes after the refund must still be recorded, so the cap
-- holds wherever more is given back, not where more is taken.
ALTER TABLE "payment"
    ADD COLUMN "charged_back_minor" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "dispute_open" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "goodwill_minor" BIGINT NOT NULL DEFAULT 0,
    ADD CONSTRAINT "payment_charged_back_check" CHECK ("charged_back_minor" >= 0 AND "charged_back_minor" <= "captured_minor"),
    ADD CONSTRAINT "payment_goodwill_check" CHECK ("goodwill_minor" >= 0 AND "goodwill_minor" <= "refunded_minor");

CREATE FUNCTION "payment_cap"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF NEW."refunded_minor" + NEW."charged_back_minor" > NEW."captured_minor" THEN
        RAISE EXCEPTION 'more than is left of payment %', NEW."payment_id"
            USING ERRCODE = '23514', CONSTRAINT = 'payment_cap_check';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "payment_cap" BEFORE UPDATE OF "refunded_minor" ON "payment" FOR EACH ROW
    WHEN (NEW."refunded_minor" > OLD."refunded_minor") EXECUTE FUNCTION "payment_cap"();
CREATE TRIGGER "payment_cap_new" BEFORE INSERT ON "payment" FOR EACH ROW
    WHEN (NEW."refunded_minor" > 0) EXECUTE FUNCTION "payment_cap"();
CREATE FUNCTION "payment_captured_kept"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was captured of payment % never changes', OLD."payment_id" USING ERRCODE = 'BH004';
END $$;
CREATE TRIGGER "payment_captured_kept" BEFORE UPDATE ON "payment" FOR EACH ROW
    WHEN (NEW."captured_minor" <> OLD."captured_minor" OR NEW."currency" <> OLD."currency")
    EXECUTE FUNCTION "payment_captured_kept"();

-- Every journal is of one source, once.
CREATE TABLE "ledger_journal" (
    "journal_id" TEXT NOT NULL,
    "refund_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "ledger_journal_pkey" PRIMARY KEY ("journal_id"),
    CONSTRAINT "ledger_journal_source" UNIQUE ("refund_id", "kind", "source")
);
INSERT INTO "ledger_journal"
SELECT e."journal_id", min(e."refund_id"), CASE WHEN min(t."provider_key") IS NULL THEN 'GRANT' ELSE 'PAY' END,
    coalesce(min(t."provider_key"), 'refund'), min(e."create_time")
FROM "ledger_entry" e
LEFT JOIN "tender" t ON t."refund_id" = e."refund_id" AND e."account" = 'psp:' || t."payment_id"
GROUP BY e."journal_id";
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_journal"
    FOREIGN KEY ("journal_id") REFERENCES "ledger_journal" ("journal_id") DEFERRABLE INITIALLY DEFERRED;
CREATE TRIGGER "ledger_journal_immutable" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_journal"
    FOR EACH STATEMENT EXECUTE FUNCTION "ledger_immutable"();

-- Whoever checks us may read, and only read.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'backhaul_reconciler') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO backhaul_reconciler', current_schema());
        EXECUTE format('GRANT SELECT ON "refund", "refund_item", "refund_line", "tender", "payment", "ledger_journal", "ledger_entry" TO backhaul_reconciler');
    END IF;
END $$;
