-- A seller's month, out of a ledger in which most entries are on no seller's account.
CREATE INDEX "ledger_entry_seller" ON "ledger_entry"("account", "create_time") WHERE "account" LIKE 'seller:%';
