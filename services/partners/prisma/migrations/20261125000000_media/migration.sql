-- Photos, with their bytes.
CREATE TABLE "media" (
    "media_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "content" BYTEA NOT NULL,
    "put_time" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "media_pkey" PRIMARY KEY ("media_id")
);

-- Which units were booked to stock: none of them twice, whoever asks and under whatever id.
CREATE TABLE "disposed_units" (
    "inspection_id" TEXT NOT NULL,
    "line_id" TEXT NOT NULL,
    "first" INTEGER NOT NULL,
    "quantity" INTEGER NOT NULL,
    CONSTRAINT "disposed_units_pkey" PRIMARY KEY ("inspection_id", "line_id", "first")
);
CREATE FUNCTION "disposed_once"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW."inspection_id", 0));
    IF EXISTS (SELECT FROM "disposed_units" d WHERE d."inspection_id" = NEW."inspection_id"
        AND d."line_id" = NEW."line_id"
        AND d."first" < NEW."first" + NEW."quantity" AND NEW."first" < d."first" + d."quantity") THEN
        RAISE EXCEPTION 'units of % were booked before', NEW."line_id"
            USING ERRCODE = '23505', CONSTRAINT = 'disposed_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "disposed_once" BEFORE INSERT ON "disposed_units" FOR EACH ROW EXECUTE FUNCTION "disposed_once"();
