-- The request that was counted last: sent again, it is not counted again.
ALTER TABLE "guest_limit" ADD COLUMN "last_request" TEXT NOT NULL DEFAULT '';
