-- The product's own return class, which overrides its category's rules; empty for none.
ALTER TABLE "product" ADD COLUMN "return_class" TEXT NOT NULL DEFAULT '';
