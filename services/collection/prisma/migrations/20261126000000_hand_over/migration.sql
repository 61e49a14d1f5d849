-- How the goods change hands: what the policy asks the driver to prove, what was proved, the customer's word for the
-- driver. Nothing for collections of before, and for those of which nobody asks anything.
ALTER TABLE "collection" ADD COLUMN "hand_over" JSONB;
