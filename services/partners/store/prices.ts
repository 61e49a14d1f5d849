// What products cost now.
import type { Database, Statement } from "#kit/postgres.js";
import { add, type Money } from "#kit/pure/money.js";
import type { StockLine } from "./stock.js";

const save: Statement = {
  name: "price.save",
  text: `INSERT INTO product_price (sku, currency, minor) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
  ON CONFLICT (sku) DO UPDATE SET currency = excluded.currency, minor = excluded.minor`,
};
const find: Statement = {
  name: "price.find",
  text: "SELECT sku, currency, minor FROM product_price WHERE sku = ANY($1::text[])",
};

/** Opens the price list. */
export function openPrices(db: Database) {
  return {
    /** The last of several for one product wins. */
    save: async (prices: ReadonlyMap<string, Money>): Promise<void> => {
      if (prices.size === 0) return;
      const all = [...prices.values()];
      await db.query(save, [[...prices.keys()], all.map((p) => p.currency), all.map((p) => p.minor)]);
    },

    /** What units cost together; undefined if any of them has no price. */
    of: async (lines: readonly StockLine[]): Promise<Money | undefined> => {
      const rows = await db.query<Money & { sku: string }>(find, [lines.map(({ sku }) => sku)]);
      const known = new Map(rows.map(({ sku, currency, minor }) => [sku, { currency, minor }]));
      let total: Money | undefined;
      for (const { sku, quantity } of lines) {
        const price = known.get(sku);
        if (!price) return undefined;
        const cost = { ...price, minor: price.minor * BigInt(quantity) };
        total = total ? add(total, cost) : cost;
      }
      return total;
    },
  };
}
