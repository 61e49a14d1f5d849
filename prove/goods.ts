// Unit accounting: simulated returns through the real inspection service, with every request doubled and shuffled; then
// each unit is looked up in the inspection's books and in those of the stock system.
import { ImportedOrder, MasterProduct } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import { type Chance, chanceOf } from "./chance.js";
import type { Desk } from "./desk.js";
import { audit, settled, shelf } from "./goods/books.js";
import { driveReturn, openDoors, type Told } from "./goods/drive.js";
import { type Plan, planOf, skus, wrongSku } from "./goods/plan.js";
import type { Draw } from "./options.js";
import { atOnce, counter, number, type Proof, type Say, Tally } from "./proof.js";

const returns = 10_000;
/** Returns under way at a time: each has several requests of its own at once. */
const width = 12;

export async function provenGoods(desk: Desk, say: Say, { count = returns, seed }: Draw): Promise<Proof[]> {
  const run = newId("run").slice(-6).toLowerCase();
  const chance = chanceOf(seed);
  const plans = Array.from({ length: count }, (_, nth) => planOf(nth, run, newId("res"), chance));
  await stocked(desk, plans);
  const before = await shelf(desk);
  const told: Told = { refused: new Tally(), wrong: [] };
  const doors = openDoors(desk);
  const counted = counter(say, "returns", count);
  // Every return draws from a seed of its own: how they get in each other's way must not change what they do.
  const chances = plans.map(() => chanceOf(chance.below(2 ** 31)));
  let done = 0;
  await atOnce(plans, width, async (plan, at) => {
    await driveReturn(plan, doors, told, chances[at] as Chance);
    counted(++done);
  });
  say("  waiting until everything is posted and sent");
  await settled(desk);
  const { sums, faults, onShelf } = await audit(desk, plans, before);
  const stories = new Tally();
  for (const { story } of plans) stories.add(story);
  return [
    {
      asked: `${number(count)} returns, every request doubled and shuffled: expected = accepted + rejected + missing, what is more is extra; each as it was drawn (seed ${seed})`,
      counted: `${number(sums.expected)} = ${number(sums.accepted)} + ${number(sums.rejected)} + ${number(sums.missing)} units, ${number(sums.extra)} extra; ${faults.length} faults${first(faults)} (${stories})`,
      ok: faults.length === 0 && sums.expected === sums.accepted + sums.rejected + sums.missing,
    },
    {
      asked: "stock has booked each accepted unit once, as it was disposed of, and none before it was in the house",
      counted: `${number(sums.posted)} units booked, ${number(onShelf)} of them on the shelf again; ${number(sums.sentBack)} sent back to customers`,
      ok: faults.length === 0 && sums.sentBack === sums.rejected,
    },
    {
      asked:
        "a verdict before the goods, a second scan, a second verdict, a second disposal: each refused with its reason",
      counted: `${told.refused}; ${told.wrong.length} taken or answered otherwise${first(told.wrong)}`,
      ok: told.wrong.length === 0,
    },
  ];
}

function first(faults: readonly string[]): string {
  return faults.length > 0 ? `, e.g. ${faults.slice(0, 3).join("; ")}` : "";
}

/** The shop that the returns come from. */
async function stocked({ sandbox }: Desk, plans: readonly Plan[]): Promise<void> {
  const products = [...skus, wrongSku].map((sku) =>
    MasterProduct.fromPartial({ sku, category: "homeware", stock: 1_000_000 }),
  );
  await sandbox.importMasterData({ products, members: [] });
  const time = new Date(Date.now() - 5 * 86_400_000);
  const orders = plans.map(({ orderId, lines }) =>
    ImportedOrder.fromPartial({
      order: {
        orderId,
        customerId: "cus-goods",
        market: "GB",
        currencyCode: "GBP",
        orderTime: time,
        lines: lines.map(({ lineId, sku, purchased: quantity }) => {
          const paid = toProto(money(BigInt(quantity) * 500n, "GBP"));
          return { lineId, sku, title: sku, quantity, paid };
        }),
        shipping: toProto(money(0n, "GBP")),
      },
      shipTime: time,
      deliverTime: time,
    }),
  );
  for (let at = 0; at < orders.length; at += 1000) await sandbox.importOrders({ orders: orders.slice(at, at + 1000) });
}
