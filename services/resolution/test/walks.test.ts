import assert from "node:assert/strict";
import type { ChartEvent } from "../core/chart.js";
import { type Begun, contextOf } from "../core/context2.js";
import { goods } from "../core/goods2.js";
import { rest, stateOf, take, tracksOf } from "../core/machine.js";
import { money } from "../core/money2.js";
import * as core from "../core/resolution.js";
import { stock } from "../core/stock2.js";
import type { Chart, Kind, Resolution, Terms } from "../core/types.js";
import { allBad, allGood, oneBad, pickedUp, received, requested, scene, type Told } from "./builders.js";
import { type Answers, chance, inOrder, walked, willing } from "./world.js";

const plain: Begun = { captured: true, gift: false, comesBack: false, onUnpaid: "REFUND" };
const events: readonly ChartEvent["type"][] = [
  ...["DECIDED", "APPROVE", "DECLINE", "WITHDRAW", "CANCEL", "REOPEN", "HANDOVER_DUE", "GUARANTEE_DUE", "STOPPED"],
  ...[
    "ALREADY_SHIPPED",
    "INTERCEPTED",
    "INTERCEPT_REFUSED",
    "COMES_BACK",
    "RETURN_GRANTED",
    "RETURN_DECLINED",
    "BOOKED",
  ],
  ...["PICKED_UP", "CONFIRMED", "UNVERIFIED", "GUARANTEED", "GUARANTEE_REFUSED"],
  ...["RECEIVED", "LOST", "INSPECTED", "HELD", "SOLD_OUT", "RESHIPPED", "PAID", "PAID_BEFORE", "UNPAID"],
  ...["REFUNDED", "REFUND_FAILED", "REFUND_REVERSED", "RECOVERED", "WRITTEN_OFF"],
  ...["HOLD", "RELEASE", "TAKE_UP", "CONVERTED"],
] as ChartEvent["type"][];
const { terms } = requested("RETURN").next;

/** An event with what it says, so that every guard has something to look at. */
function said(type: ChartEvent["type"], random = () => 0): ChartEvent {
  const pick = <T>(...of: readonly T[]) => of[Math.floor(random() * of.length)] as T;
  if (type === "DECIDED") return { type, verdict: pick("ACCEPT", "REVIEW", "DECLINE") };
  if (type === "INSPECTED") return { type, accepted: pick("SOME", "ALL", "NONE") };
  if (type === "RETURN_GRANTED") return { type, terms: { kind: "RETURN", collection: pick(true, false) } };
  if (type === "HELD") return { type, owing: pick("NOBODY", "CUSTOMER", "SHOP") };
  if (type === "PAID_BEFORE") return { type, owing: pick("NOBODY", "CUSTOMER", "SHOP") };
  if (type === "PICKED_UP") return { type, unverified: pick(false, true), swapped: pick(false, true) };
  if (type === "HOLD") return { type, held: { by: "alice", reason: "to be sure", until: "2026-12-01T00:00:00.000Z" } };
  if (type === "TAKE_UP") return { type, granted: pick(true, false) };
  if (type === "CONVERTED") return { type, terms: { replacement: pick(false, true) } };
  return { type } as ChartEvent;
}

/** What each state takes; everything else it refuses. States that take nothing are at the end of their track. */
const taken: Readonly<Record<"top" | "goods" | "money" | "stock", Readonly<Record<string, string>>>> = {
  top: {
    REQUESTED: "DECIDED",
    PENDING_REVIEW: "APPROVE DECLINE WITHDRAW CANCEL COMES_BACK HOLD CONVERTED",
    DECLINED: "",
    WITHDRAWN: "TAKE_UP",
    AUTO_WITHDRAWN: "REOPEN TAKE_UP",
    CANCELED: "TAKE_UP",
    CLOSED: "",
  },
  goods: {
    NOT_REQUIRED: "",
    STOPPING: "STOPPED ALREADY_SHIPPED COMES_BACK",
    STOPPED: "",
    INTERCEPTING: "INTERCEPTED INTERCEPT_REFUSED COMES_BACK",
    ALREADY_SHIPPED: "COMES_BACK RETURN_GRANTED RETURN_DECLINED",
    COLLECTING:
      "WITHDRAW CANCEL HANDOVER_DUE COMES_BACK BOOKED PICKED_UP CONFIRMED UNVERIFIED RECEIVED LOST INSPECTED CONVERTED",
    IN_TRANSIT: "RECEIVED LOST INSPECTED CONFIRMED UNVERIFIED GUARANTEE_DUE",
    INSPECTING: "GUARANTEE_DUE INSPECTED",
    RECEIVED: "",
    INSPECTED: "",
    LOST: "",
    RETURNED_TO_CUSTOMER: "",
  },
  money: {
    NONE: "SOLD_OUT RESHIPPED PAID_BEFORE CONVERTED",
    AWAITING_PAYMENT: "SOLD_OUT PAID PAID_BEFORE UNPAID INSPECTED CONVERTED",
    WAITING: "PAID_BEFORE CONVERTED",
    REFUNDING: "REFUNDED REFUND_FAILED",
    MANUAL_REQUIRED: "REFUNDED",
    REFUNDED: "REFUND_REVERSED",
    REFUSED: "",
    RECOVERING: "RECOVERED WRITTEN_OFF",
    RECOVERED: "",
    WRITTEN_OFF: "",
  },
  stock: {
    NONE: "CONVERTED",
    HOLDING: "HELD SOLD_OUT",
    HELD: "INSPECTED SOLD_OUT GUARANTEED GUARANTEE_REFUSED CONVERTED",
    RESHIPPING: "RESHIPPED",
    FULFILLED: "",
    SOLD_OUT: "CONVERTED",
    RELEASED: "CONVERTED",
  },
};

describe("resolution: the statechart's table", () => {
  /** Tracks that take nothing themselves, so that only the one looked at answers. */
  const quiet = { goods: "NOT_REQUIRED", money: "REFUSED", stock: "FULFILLED" };
  // A shop that owes a difference, so that each guarded event has its way.
  const context = { ...contextOf("EXCHANGE", terms, plain), owing: "SHOP", guarantee: "ASKED" };

  for (const [track, states] of Object.entries(taken)) {
    for (const [state, expected] of Object.entries(states)) {
      const value = track === "top" ? state : { OPEN: { ...quiet, [track]: state } };
      it(`${track} ${state} takes ${expected || "nothing"}, and refuses everything else`, () => {
        const chart: Chart = { machine: "resolution/2", value, context };
        const takes = events.filter((type) =>
          [0, 0.99].some(
            (n) =>
              take(
                chart,
                said(type, () => n),
              ) !== undefined,
          ),
        );
        // Whatever is open can be held back.
        const expects = `${expected}${track === "top" ? "" : " HOLD"}`;
        assert.deepEqual(takes.sort(), expects.split(" ").filter(Boolean).sort());
      });
    }
  }

  it("lets go on only what is held back", () => {
    const held = said("HOLD");
    for (const value of ["PENDING_REVIEW", { OPEN: { ...quiet, goods: "COLLECTING" } }]) {
      const chart = take({ machine: "resolution/2", value, context }, held)?.chart;
      assert.ok(chart);
      assert.ok(take(chart, { type: "RELEASE" }));
      assert.ok(take(chart, held), "a hold is replaced by another");
    }
  });

  it("names every state of every track, and knows where each rests", () => {
    const regions = { goods, money, stock };
    for (const track of ["goods", "money", "stock"] as const) {
      const states = Object.keys(regions[track].states).filter((state) => state !== "DECIDING");
      assert.deepEqual(Object.keys(taken[track]).sort(), states.sort());
      for (const state of rest[track]) assert.ok(states.includes(state), `${track} ${state}`);
    }
  });
});

/** Every edge that the tracks' files draw, as "goods STOPPING>STOPPED"; what leaves OPEN is an edge to that end. */
function drawn(): Set<string> {
  const edges = new Set<string>();
  const ends: Record<string, string> = {
    "#withdrawn": "WITHDRAWN",
    "#canceled": "CANCELED",
    "#auto-withdrawn": "AUTO_WITHDRAWN",
    "#declined": "DECLINED",
  };
  for (const [track, region] of Object.entries({ goods, money, stock })) {
    for (const [state, node] of Object.entries(region.states) as [string, { always?: unknown; on?: object }][]) {
      const ways = [node.always, ...Object.values(node.on ?? {})].flat();
      for (const way of ways) {
        const target = typeof way === "string" ? way : (way as { target?: string } | undefined)?.target;
        if (target) edges.add(target in ends ? `OPEN>${ends[target]}` : `${track} ${state}>${target}`);
      }
    }
  }
  return edges;
}

describe("resolution: every edge of the statechart", () => {
  it("is gone along by some story, and no story goes where no edge is drawn", () => {
    const random = chance(20_261_126);
    const pick = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)] as T;
    const gone = new Set<string>();
    for (let walk = 0; walk < 1_200; walk++) {
      const kind = pick<Kind>(["CANCELLATION", "RETURN", "EXCHANGE", "CLAIM"]);
      const replacement = kind === "EXCHANGE" || (kind === "CLAIM" && random() < 0.3);
      const change: Partial<Terms> = {
        trigger: pick(["ON_APPROVAL", "ON_PICKUP_SCAN", "ON_RECEIPT", "ON_INSPECTION", "ON_DEADLINE"]),
        collection: kind !== "CANCELLATION" && random() < 0.85,
        inspection: random() < 0.8,
        replacement,
        exchange: pick(["STANDARD", "CROSS_SHIP", "ADVANCE"]),
        exchangeGuarantee: random() < 0.3,
        method: pick([1, 7]),
      };
      const begun: Begun = {
        captured: random() < 0.9,
        gift: random() < 0.1,
        comesBack: random() < 0.1,
        onUnpaid: pick(["REFUND", "CANCEL"]),
      };
      const context = contextOf(kind, { ...terms, ...change }, begun);
      let chart: Chart = { machine: "resolution/2", value: "REQUESTED", context };
      for (let step = 0; step < 14; step++) {
        const ways = events.flatMap((type) => {
          const after = take(chart, said(type, random))?.chart;
          return after ? [{ type, after }] : [];
        });
        // What has ended is seldom taken up again.
        if (ways.length === 0 || (stateOf(chart) !== "OPEN" && ways.length < 3 && step > 2 && random() < 0.6)) break;
        // Words that are only remembered must not use up the steps.
        const moving = ways.filter(({ after }) => JSON.stringify(after.value) !== JSON.stringify(chart.value));
        const { type, after } = pick(moving.length > 0 && random() < 0.9 ? moving : ways);
        note(chart, after, type, gone);
        chart = after;
      }
    }
    const edges = drawn();
    assert.deepEqual(
      [...edges].filter((edge) => !gone.has(edge)),
      [],
    );
  });

  /** One event may go along several edges of a track: through DECIDING and WAITING nothing is waited for. */
  function note(before: Chart, after: Chart, type: string, gone: Set<string>): void {
    const [was, is] = [tracksOf(before), tracksOf(after)];
    if (was && !is) gone.add(`OPEN>${stateOf(after)}`);
    if (!is) return;
    const regions = { goods, money, stock };
    for (const track of ["goods", "money", "stock"] as const) {
      const way = pathOf(regions[track].states as never, was?.[track] ?? "DECIDING", is[track], type);
      if (was && was[track] === is[track]) continue;
      assert.ok(way, `${track} ${was?.[track]}>${is[track]} is drawn nowhere`);
      for (const edge of way) gone.add(`${track} ${edge}`);
    }
  }

  type Node = { always?: unknown; on?: object };
  const targets = (ways: unknown) =>
    [ways].flat().flatMap((way) => (typeof way === "string" ? way : ((way as { target?: string })?.target ?? [])));

  /** The edges from one state to another: one that the event takes, or none, and then those that wait for nothing. */
  function pathOf(
    states: Readonly<Record<string, Node>>,
    from: string,
    to: string,
    type: string,
  ): string[] | undefined {
    const on = (states[from]?.on ?? {}) as Readonly<Record<string, unknown>>;
    const first = [...targets(on[type]), ...targets(states[from]?.always)];
    if (first.includes(to)) return [`${from}>${to}`];
    for (const next of first)
      if (targets(states[next]?.always).includes(to)) return [`${from}>${next}`, `${next}>${to}`];
    return undefined;
  }
});

describe("resolution: 1,000 walks with facts late, doubled and shuffled", () => {
  const comesBack: Told = (r) => core.comesBack(r, "RETURN_TO_SENDER", true, scene());
  const unproven: Told = (r) => core.pickedUp(r, scene(), { unverified: true });
  const unverified: Told = (r) => core.handOverUnverified(r, scene());
  const confirmed: Told = (r) => core.handOverConfirmed(r, false, scene());
  const tooLate: Answers = { ...willing, "shipment.stop": (r) => core.alreadyShipped(r, scene()) };
  const cancels = { trigger: "ON_APPROVAL", collection: false, inspection: false } as const;
  const swaps = { replacement: true, exchange: "STANDARD" } as const;
  /** Stories whose end does not hang on what is heard of first. */
  const stories: readonly (readonly [string, Kind, Partial<Terms>, readonly Told[], Answers])[] = [
    ["a return, all of it good", "RETURN", {}, [pickedUp, received, allGood], willing],
    ["a return, some of it bad", "RETURN", {}, [pickedUp, received, oneBad], willing],
    ["a return, none of it good", "RETURN", {}, [pickedUp, received, allBad], willing],
    ["a return, paid at the scan", "RETURN", { trigger: "ON_PICKUP_SCAN" }, [pickedUp, received, allGood], willing],
    ["a return, paid at the receipt", "RETURN", { trigger: "ON_RECEIPT" }, [pickedUp, received, allGood], willing],
    ["an exchange", "EXCHANGE", swaps, [pickedUp, received, allGood], willing],
    ["an exchange, sent first", "EXCHANGE", { ...swaps, exchange: "ADVANCE" }, [pickedUp, received, allGood], willing],
    [
      "an exchange, sent first against a guarantee",
      "EXCHANGE",
      { ...swaps, exchange: "CROSS_SHIP", exchangeGuarantee: true },
      [pickedUp, received, allGood],
      willing,
    ],
    ["an exchange at the door", "EXCHANGE", { ...swaps, method: 7 }, [pickedUp, received, allGood], willing],
    [
      "a return whose driver confirms late, paid at the scan",
      "RETURN",
      { trigger: "ON_PICKUP_SCAN" },
      [unproven, confirmed, received, allGood],
      willing,
    ],
    [
      "a return that nobody confirms, paid at the scan",
      "RETURN",
      { trigger: "ON_PICKUP_SCAN" },
      [unproven, unverified, received, allGood],
      willing,
    ],
    [
      "an exchange at the door, confirmed late",
      "EXCHANGE",
      { ...swaps, method: 7 },
      [unproven, unverified, confirmed, received, allGood],
      willing,
    ],
    ["a cancellation", "CANCELLATION", cancels, [], willing],
    ["a cancellation, turned round", "CANCELLATION", cancels, [received, allBad], tooLate],
    ["a return that comes back by itself", "RETURN", {}, [comesBack, received, allGood], willing],
  ];
  const where = ({ state, tracks }: Resolution) => [state, tracks?.goods, tracks?.money, tracks?.stock].join(" ");
  const units = ({ lines }: Resolution) =>
    lines.map(({ accepted, rejected, missing }) => [accepted, rejected, missing]);

  it("end where they end in order, with the same units, and with one refund at most", () => {
    const random = chance(7);
    for (let walk = 0; walk < 1_000; walk++) {
      const [name, kind, change, facts, answers] = stories[walk % stories.length] as (typeof stories)[number];
      const counted = { refunds: 0 };
      const counting: Answers = {
        ...answers,
        "refund.issue": (r) => {
          counted.refunds++;
          return (answers["refund.issue"] as Told)(r);
        },
      };
      const expected = walked(requested(kind, change), facts, answers, inOrder);
      // What turned round can only be here after it has left: the dock's facts wait for it.
      const start = requested(kind, change);
      const told = name.includes("turned round") ? [] : facts;
      const mixed = { random, doubled: 40, shuffled: true };
      const first = walked(start, told, counting, mixed);
      const end = told === facts ? first : walked({ ...start, next: first, steps: [] }, facts, counting, mixed);
      assert.deepEqual([name, where(end), units(end)], [name, where(expected), units(expected)], `walk ${walk}`);
      assert.equal(end.refundId, expected.refundId, `walk ${walk}`);
    }
  });
});

describe("resolution: 10,000 cancellations that race the warehouse", () => {
  it("each is refunded or delivered, and none is both", () => {
    const random = chance(11);
    const ends = { stopped: 0, turnedRound: 0, delivered: 0 };
    const cancels = { trigger: "ON_APPROVAL", collection: false, inspection: false } as const;
    for (let race = 0; race < 10_000; race++) {
      const world: { left: boolean; stopped: boolean; back?: boolean } = { left: false, stopped: false };
      const leaves = () => {
        if (!world.stopped) world.left = true;
      };
      /** The warehouse goes on with its work whenever somebody else is waited for. */
      const meanwhile = () => {
        if (random() < 0.4) leaves();
      };
      const stop = (r: Resolution) => {
        if (!world.left) world.stopped = true;
        return world.stopped ? core.stopped(r, scene()) : core.alreadyShipped(r, scene());
      };
      const asked = { orderId: "o-1", stopRequestId: "stop-1", asked: 0 };
      const settledStop: Told = (r) => {
        meanwhile();
        return stop(r);
      };
      const answers: Answers = {
        "shipment.stop": (r) => {
          meanwhile();
          if (random() < 0.3) return core.stopPending(r, asked, scene());
          return stop(r);
        },
        "shipment.findStop": (r) =>
          random() < 0.5 ? core.stopPending(r, { ...asked, asked: 1 }, scene()) : settledStop(r),
        "shipment.intercept": (r) => {
          // Asked twice, the carrier says the same.
          world.back ??= world.left && random() < 0.5;
          return world.back ? core.intercepted(r, scene()) : core.interceptRefused(r, scene());
        },
        "eligibility.decide": (r) => core.judgedAsReturn(r, "DECLINE", "no", r.terms, new Uint8Array(), scene()),
        "refund.issue": (r) => {
          assert.ok(world.stopped || world.back, `race ${race}: refunded, and on its way to the customer`);
          return core.refunded(r, "rfd_1", { minor: 5000n, currency: "KRW" }, scene());
        },
      };
      const first = walked(requested("CANCELLATION", cancels), [], answers, { random, doubled: 10, shuffled: true });
      leaves();
      const end = world.back
        ? walked(
            { ...requested("CANCELLATION", cancels), next: first, steps: [] },
            [received, allGood],
            answers,
            inOrder,
          )
        : first;
      assert.notEqual(world.stopped, world.left, `race ${race}: exactly one wins`);
      const delivered = world.left && world.back !== true;
      assert.equal(end.refunded === undefined, delivered, `race ${race}: ${JSON.stringify(world)}`);
      assert.equal(end.state, delivered ? "DECLINED" : "CLOSED", `race ${race}`);
      ends[world.stopped ? "stopped" : delivered ? "delivered" : "turnedRound"]++;
    }
    assert.ok(
      Object.values(ends).every((count) => count > 1_000),
      JSON.stringify(ends),
    );
  });
});
