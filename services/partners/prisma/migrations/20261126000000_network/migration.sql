-- Where an order was delivered to, as far as routing asks; empty for anywhere.
ALTER TABLE "sold_order" ADD COLUMN "postcode" TEXT NOT NULL DEFAULT '';

-- One unit as it is packed; 0 where it is not known.
ALTER TABLE "product" ADD COLUMN "longest_side_cm" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "product" ADD COLUMN "sides_sum_cm" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "product" ADD COLUMN "weight_grams" INTEGER NOT NULL DEFAULT 0;
