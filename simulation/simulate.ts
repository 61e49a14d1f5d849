// One story from its seed to its end: the cores and everybody around them, weeks of virtual time, until nothing is left to
// do. What must hold is looked at with every commit and at the end; the whole of it is one hash.
import { fromProto } from "#kit/pure/money.js";
import { collectionCore, inspectionCore } from "./cores/goods.js";
import { refundCore } from "./cores/refund.js";
import { resolutionCore } from "./cores/resolution.js";
import type { Guarantee } from "./database/schema.js";
import { settledRefunds, watchRefund } from "./invariants/money.js";
import { settledGoods, watchFindings, watchMoves, watchUnits } from "./invariants/units.js";
import { drawOrder } from "./outside/orders.js";
import { openPartners, type Partners } from "./partners.js";
import { openCustomer } from "./people/customer.js";
import { attend } from "./people/desk.js";
import { openFinance } from "./people/finance.js";
import { openStaff } from "./people/staff.js";
import { within } from "./world/nature.js";
import { openSchedule } from "./world/schedule.js";
import type { Witness, World } from "./world/types.js";
import { type FaultKind, openWeather } from "./world/weather.js";
import { openWorld, type Spoil } from "./world/world.js";

/** A story: which orders of a seed are in it, and what it goes without. */
export type Scenario = {
  readonly seed: number;
  readonly orders: readonly number[];
  readonly without: readonly string[];
};

/** What came of it. */
export type Report = {
  readonly scenario: Scenario;
  readonly steps: number;
  readonly days: number;
  /** SHA-256 of the whole story. */
  readonly digest: string;
  /** What must never be, and was; none is as it should be. */
  readonly breaches: readonly string[];
  readonly struck: ReadonlyMap<FaultKind, number>;
  readonly edges: ReadonlyMap<string, number>;
  readonly refusals: ReadonlyMap<string, number>;
  /** Its last lines. */
  readonly story: readonly string[];
};

/** How it is told: with every line kept; on databases that forget some of their guarantees; with a core that is broken. */
export type Telling = { readonly whole?: boolean; readonly forgotten?: readonly Guarantee[]; readonly spoil?: Spoil };

const day = 86_400_000;
/** A Monday. */
const startMs = Date.UTC(2026, 2, 2, 9);
const stormDays = 24;
/** A story that is not at rest by then never will be. */
const lastDay = 300;
const stepsMax = 400_000;

/** The orders of a whole story. */
export const allOrders: readonly number[] = Array.from({ length: 8 }, (_, i) => i + 1);

export async function simulate(scenario: Scenario, { whole, forgotten, spoil }: Telling = {}): Promise<Report> {
  const { seed, orders, without } = scenario;
  const schedule = openSchedule(seed, startMs, whole);
  const after = (ms: number, what: () => void) => schedule.after(ms, what);
  return within({ nowMs: schedule.now, seed, after }, async () => {
    const calmMs = startMs + stormDays * day;
    const weather = openWeather(schedule, without, calmMs);
    const edges = new Map<string, number>();
    const gone = (table: string, edge: string) =>
      void edges.set(`${table}: ${edge}`, (edges.get(`${table}: ${edge}`) ?? 0) + 1);
    const opened = {} as { witness: Witness };
    const world: World = openWorld({
      ...{ schedule, weather, calmMs, forgotten, spoil },
      cores: {
        resolution: resolutionCore(),
        collection: collectionCore(),
        inspection: inspectionCore(),
        refund: refundCore(),
      },
      witness: (...of) => opened.witness(...of),
    });
    const partners = openPartners(world);
    opened.witness = witnessOf(world, partners, gone);
    for (const nth of orders) begin(world, partners, `o-${nth}`);
    while (world.breaches.length === 0 && schedule.steps() < stepsMax && (await schedule.step())) {
      if (schedule.now() > startMs + lastDay * day) world.broken(`still busy after ${lastDay} days`);
    }
    if (schedule.steps() >= stepsMax) world.broken(`still busy after ${stepsMax} steps`);
    const [breach = ""] = world.breaches;
    if (breach === "" || breach.startsWith("still busy")) atRest(world, partners);
    return {
      ...{ scenario, edges, steps: schedule.steps(), days: (schedule.now() - startMs) / day },
      digest: schedule.digest(),
      breaches: [...world.breaches],
      struck: weather.struck,
      refusals: world.refusals,
      story: schedule.story(),
    };
  });
}

/** An order is sold, and its customer and others begin to do things. */
function begin(world: World, { orders, money }: Partners, orderId: string): void {
  const { schedule } = world;
  const order = drawOrder(orderId, schedule.chance(`order/${orderId}`), new Date(startMs));
  orders.orders.set(orderId, order);
  for (const { paymentId, method, captured } of order.payments) {
    if (!captured) continue;
    const paid = { captured: fromProto(captured), method, refunded: 0n, chargedBack: 0n, disputeOpen: false };
    money.payments.set(paymentId, paid);
  }
  openCustomer(world, order);
  attend(world, money, order);
}

/** Who sees every commit: what must hold is looked at, and people notice what waits for them. */
function witnessOf(world: World, { money, dock }: Partners, gone: (table: string, edge: string) => void): Witness {
  const finance = openFinance(world, money);
  const staff = openStaff(world);
  return (of, _service, table, row, before) => {
    watchMoves(of, table, row, before, gone);
    if (table === "refund") {
      watchRefund(of, money, row, before, (from, to) => gone("share", `${from} → ${to}`));
      finance.noticed(row);
    }
    if (table === "resolution") {
      watchUnits(of, row);
      staff.noticed(row);
    }
    if (table === "inspection") {
      watchFindings(of, row);
      dock.noticed(row);
    }
  };
}

function atRest(world: World, { money, stock, dues }: Partners): void {
  settledRefunds(world, money);
  settledGoods(world, stock, dues);
  for (const way of world.broker.open) world.broken(`a fact never took effect: ${way}`);
  for (const letter of world.broker.letters.values()) world.broken(`a dead letter stays: ${letter}`);
  for (const { service, agenda } of Object.values(world.schemas)) {
    for (const { step, aggregateId } of agenda.rows.values())
      world.broken(`${service}: ${step} of ${aggregateId} stays`);
  }
}
