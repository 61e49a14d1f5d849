// The ways in which an order's moment to leave comes: its time passes, somebody moves the clock past it, or the warehouse
// lets it go. Each makes orders and says of each when to begin asking, and when its units have left for sure.
import { ImportedOrder } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import type { Chance } from "../chance.js";
import type { Desk } from "../desk.js";

export type Race = {
  readonly orderId: string;
  readonly purchased: number;
  /** Resolves shortly before or after they leave: now to be stopped. */
  readonly start: Promise<void>;
  /** Resolves when the answer turns from stopped to shipped, as near as can be told from outside. */
  readonly turn: Promise<unknown>;
  /** Resolves when they have left, but for what was stopped. */
  readonly left: Promise<unknown>;
};

type Moment = (desk: Desk, size: number, chance: Chance) => Promise<Race[]>;

/** Orders of one batch leave this many milliseconds after one another. */
const apartMs = 8;
/** Time to import a batch before the first of it leaves. */
const aheadMs = 2_000;
/** What leaves by its time can be stopped until this long before it. */
const closesMs = 1_000;
const day = 86_400_000;

/** Business time passes the ship time by itself. */
const byTime: Moment = async (desk, size, chance) => {
  const offset = (await desk.now()).getTime() - Date.now();
  const begin = Date.now() + aheadMs;
  const orders = await sold(desk, size, (nth) => new Date(begin + offset + nth * apartMs));
  return orders.map((order, nth) => {
    const leaves = begin + nth * apartMs;
    const turns = leaves - closesMs;
    // The two clocks are one machine's, but were read at two moments.
    return {
      ...order,
      start: until(turns - chance.between(-2, 40)),
      turn: until(turns),
      left: until(leaves + 25),
    };
  });
};

/** Somebody moves the clock past all ship times at once. */
const byLeap: Moment = async (desk, size, chance) => {
  const ship = new Date((await desk.now()).getTime() + day);
  const orders = await sold(desk, size, () => ship);
  const leap = Date.now() + aheadMs;
  const left = until(leap).then(() => desk.clock.advanceClock({ to: new Date(ship.getTime() + 1_000), noWait: true }));
  // The earlier half is mostly stopped, the later half mostly too late.
  return orders.map((order) => ({ ...order, start: until(leap + chance.between(-150, 80)), turn: left, left }));
};

/** The warehouse lets each go. */
const byHand: Moment = async (desk, size, chance) => {
  const far = new Date((await desk.now()).getTime() + 365 * day);
  const orders = await sold(desk, size, () => far);
  const begin = Date.now() + aheadMs;
  return orders.map((order, nth) => {
    const leaves = begin + nth * apartMs;
    const { orderId } = order;
    const left = until(leaves).then(() => desk.sandbox.shipOrder({ orderId }));
    return { ...order, start: until(leaves + chance.between(-30, 5)), turn: left, left };
  });
};

export const moments: readonly (readonly [how: string, moment: Moment])[] = [
  ["when their time has come", byTime],
  ["when the clock is moved", byLeap],
  ["when the warehouse lets them go", byHand],
];

/** Orders of one line, which leave at their time. */
async function sold({ sandbox }: Desk, size: number, shipTimeOf: (nth: number) => Date) {
  const orders = Array.from({ length: size }, (_, nth) => ({ orderId: newId("ord"), purchased: 1 + (nth % 4) }));
  const imported = orders.map(({ orderId, purchased: quantity }, nth) => {
    const shipTime = shipTimeOf(nth);
    const paid = toProto(money(BigInt(quantity) * 1000n, "GBP"));
    return ImportedOrder.fromPartial({
      order: {
        orderId,
        customerId: "cus-race",
        market: "GB",
        currencyCode: "GBP",
        orderTime: new Date(shipTime.getTime() - day),
        lines: [{ lineId: "l-1", sku: "mug", title: "Mug", quantity, paid }],
        shipping: toProto(money(0n, "GBP")),
      },
      shipTime,
      deliverTime: new Date(shipTime.getTime() + day),
    });
  });
  await sandbox.importOrders({ orders: imported });
  return orders;
}

/** Waits until a moment of real time. */
async function until(ms: number): Promise<void> {
  const left = ms - Date.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}
