-- A version may be revised until it was in force. It knows the simulation it was approved on, the version whose document
-- it brings back, when another one takes over, and whether it judges beside the active one.
ALTER TABLE "policy"
    ADD COLUMN "end_time" TIMESTAMPTZ(3),
    ADD COLUMN "simulation_id" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "restored_policy_id" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "shadow" BOOLEAN NOT NULL DEFAULT false;
UPDATE "policy" SET "end_time" = (
    SELECT min(later."effective_time") FROM "policy" later
    WHERE later."market" = "policy"."market" AND later."state" IN ('ACTIVE', 'RETIRED')
        AND later."effective_time" > "policy"."effective_time")
WHERE "state" = 'RETIRED';

-- The book sees to it; these catch whoever writes past it. Checked when the statement ends, for one version takes over
-- from another in the same statement.
ALTER TABLE "policy"
    ADD CONSTRAINT "policy_active" EXCLUDE USING btree ("market" WITH =) WHERE ("state" = 'ACTIVE') DEFERRABLE,
    ADD CONSTRAINT "policy_shadow" EXCLUDE USING btree ("market" WITH =) WHERE ("shadow") DEFERRABLE;

-- What has judged orders, and whose it was, is never rewritten: the policies that decisions name stay what they were.
CREATE FUNCTION "policy_kept"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW."policy_id", NEW."market", NEW."version", NEW."create_time", NEW."restored_policy_id")
        IS DISTINCT FROM (OLD."policy_id", OLD."market", OLD."version", OLD."create_time", OLD."restored_policy_id") THEN
        RAISE EXCEPTION 'a version keeps its number and its origin' USING ERRCODE = 'BH005';
    END IF;
    IF (NEW."document", NEW."document_hash", NEW."author")
        IS DISTINCT FROM (OLD."document", OLD."document_hash", OLD."author")
        AND (NEW."state" <> 'DRAFT' OR OLD."state" IN ('ACTIVE', 'RETIRED')) THEN
        RAISE EXCEPTION 'only a draft gets another document' USING ERRCODE = 'BH005';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "policy_kept" BEFORE UPDATE ON "policy" FOR EACH ROW EXECUTE FUNCTION "policy_kept"();

-- Who did what to a version, in the order in which it happened: changes of one market follow each other.
CREATE TABLE "policy_act" (
    "act_id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "policy_id" TEXT NOT NULL,
    "act_time" TIMESTAMPTZ(3) NOT NULL,
    "subject" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "document_hash" TEXT NOT NULL,
    CONSTRAINT "policy_act_pkey" PRIMARY KEY ("act_id")
);
CREATE INDEX "policy_act_policy" ON "policy_act" ("policy_id", "act_id");

-- What is known of the versions that were there before acts were put on record.
INSERT INTO "policy_act" ("policy_id", "act_time", "subject", "verb", "note", "document_hash")
SELECT "policy_id", "create_time", "author", 'create', '', "document_hash" FROM "policy" ORDER BY "policy_id";
INSERT INTO "policy_act" ("policy_id", "act_time", "subject", "verb", "note", "document_hash")
SELECT "policy_id", "effective_time", "approver", 'activate', 'put on record later: the time is that of its effect', "document_hash"
FROM "policy" WHERE "state" IN ('ACTIVE', 'RETIRED') ORDER BY "effective_time";

CREATE FUNCTION "policy_act_immutable"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was done to a policy stays on record' USING ERRCODE = 'BH005';
END $$;
CREATE TRIGGER "policy_act_immutable" BEFORE UPDATE OR DELETE OR TRUNCATE ON "policy_act"
    FOR EACH STATEMENT EXECUTE FUNCTION "policy_act_immutable"();

-- Who or what stands on a market's allow and block lists, and until when. An entry is ended, never removed.
CREATE TABLE "list_entry" (
    "list_entry_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "end_time" TIMESTAMPTZ(3) NOT NULL,
    "ender" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "list_entry_pkey" PRIMARY KEY ("list_entry_id")
);
-- Every decision looks up its customer, its order and its products here.
CREATE INDEX "list_entry_listed" ON "list_entry" ("market", "subject", "value", "end_time");
CREATE INDEX "list_entry_market" ON "list_entry" ("market", "list_entry_id");
CREATE INDEX "list_entry_value" ON "list_entry" ("value", "list_entry_id");
