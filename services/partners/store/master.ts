// What the catalogue and the membership programme know. Hot and hardly ever changed, so kept in memory.
import type { Database, Statement } from "#kit/postgres.js";
import { remember } from "../memory.js";

/** A product of the catalogue, with the units to put on the shelf. */
export type NewProduct = KnownProduct & { readonly stock: number };

/** A product of the catalogue. */
export type KnownProduct = {
  readonly sku: string;
  readonly category: string;
  readonly finalSale: boolean;
  readonly temperature: string;
  /** Empty for none. */
  readonly returnClass: string;
  /** Of one unit as it is packed; 0 where it is not known. */
  readonly longestSideCm: number;
  readonly sidesSumCm: number;
  readonly weightGrams: number;
};

/** A customer's tier. */
export type Member = { readonly customerId: string; readonly tier: string };

const remembered = 50_000;

const saveProducts: Statement = {
  name: "master.products",
  text: `INSERT INTO product (sku, category, final_sale, temperature, return_class, on_shelf, longest_side_cm,
    sides_sum_cm, weight_grams)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bool[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[], $9::int[])
  ON CONFLICT (sku) DO UPDATE SET category = excluded.category, final_sale = excluded.final_sale,
    temperature = excluded.temperature, return_class = excluded.return_class, on_shelf = excluded.on_shelf,
    longest_side_cm = excluded.longest_side_cm, sides_sum_cm = excluded.sides_sum_cm, weight_grams = excluded.weight_grams`,
};
const saveMembers: Statement = {
  name: "master.members",
  text: `INSERT INTO member (customer_id, tier) SELECT * FROM unnest($1::text[], $2::text[])
  ON CONFLICT (customer_id) DO UPDATE SET tier = excluded.tier`,
};
const findProduct: Statement = {
  name: "master.product",
  text: `SELECT sku, category, final_sale AS "finalSale", temperature, return_class AS "returnClass",
    longest_side_cm AS "longestSideCm", sides_sum_cm AS "sidesSumCm", weight_grams AS "weightGrams"
  FROM product WHERE sku = $1`,
};
const findTier: Statement = { name: "master.tier", text: "SELECT tier FROM member WHERE customer_id = $1" };

/** Opens the master data. */
export function openMaster(db: Database) {
  const products = remember<KnownProduct | undefined>(remembered);
  const tiers = remember<string | undefined>(remembered);
  return {
    /** The last of several with one key wins. */
    save: async (newProducts: readonly NewProduct[], newMembers: readonly Member[]): Promise<void> => {
      const all = [...new Map(newProducts.map((p) => [p.sku, p])).values()];
      const members = [...new Map(newMembers.map((m) => [m.customerId, m])).values()];
      const values = [
        all.map((p) => p.sku),
        all.map((p) => p.category),
        all.map((p) => p.finalSale),
        all.map((p) => p.temperature),
        all.map((p) => p.returnClass),
        all.map((p) => p.stock),
        all.map((p) => p.longestSideCm),
        all.map((p) => p.sidesSumCm),
        all.map((p) => p.weightGrams),
      ];
      if (all.length > 0) await db.query(saveProducts, values);
      if (members.length > 0)
        await db.query(saveMembers, [members.map((m) => m.customerId), members.map((m) => m.tier)]);
      for (const { sku } of all) products.forget(sku);
      for (const { customerId } of members) tiers.forget(customerId);
    },

    /** The known ones of these. */
    products: async (skus: readonly string[]): Promise<KnownProduct[]> => {
      const load = (sku: string) => async () => (await db.query<KnownProduct>(findProduct, [sku]))[0];
      const found = await Promise.all(skus.map((sku) => products.get(sku, load(sku))));
      return found.flatMap((product) => product ?? []);
    },

    tier: (customerId: string): Promise<string | undefined> =>
      tiers.get(customerId, async () => (await db.query(findTier, [customerId]))[0]?.tier),
  };
}
