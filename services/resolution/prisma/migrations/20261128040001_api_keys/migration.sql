-- Keys of sellers' and carriers' systems: by id and hash, never by their secret.
CREATE TABLE "api_key" (
    "api_key_id" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "holder_id" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "scopes" TEXT[],
    "label" TEXT NOT NULL,
    "creator" TEXT NOT NULL,
    "sha256" BYTEA NOT NULL,
    "create_time" TIMESTAMPTZ(3) NOT NULL,
    "expire_time" TIMESTAMPTZ(3) NOT NULL,
    "revoke_time" TIMESTAMPTZ(3),
    "last_use_time" TIMESTAMPTZ(3),
    "successor_id" TEXT NOT NULL DEFAULT '',
    "version" INTEGER NOT NULL,
    CONSTRAINT "api_key_pkey" PRIMARY KEY ("api_key_id")
);
CREATE INDEX "api_key_holder" ON "api_key"("holder_id", "api_key_id");
