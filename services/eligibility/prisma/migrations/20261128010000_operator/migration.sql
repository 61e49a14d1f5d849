-- What operators look at: what became of a dead letter and why, and why a step failed last. Each service has this
-- migration to the letter.
ALTER TABLE "dead_letter" ADD COLUMN "state" TEXT NOT NULL DEFAULT 'OPEN';
ALTER TABLE "dead_letter" ADD COLUMN "note" TEXT NOT NULL DEFAULT '';
ALTER TABLE "agenda" ADD COLUMN "last_error" TEXT NOT NULL DEFAULT '';
