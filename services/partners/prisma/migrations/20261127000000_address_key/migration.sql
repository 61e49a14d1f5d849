-- Names the door an order was delivered to; empty where nobody said, and then it is told of none.
ALTER TABLE "sold_order" ADD COLUMN "address_key" TEXT NOT NULL DEFAULT '';
