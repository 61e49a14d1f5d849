/** The sandbox as the replay calls it, over gRPC: its clock, its pace, its order system, the outside systems' books. */
import { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import { type ImportedOrder, SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { ScenarioServiceService } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { openAddress } from "#kit/client.js";
import type { Identity } from "#kit/tls.js";
import { currency } from "./plan.js";

export interface Books {
  refundedMinor: bigint;
  refunds: number;
  overRefunded: number;
  /** Orders known. */
  orders: number;
}

export interface Sandbox {
  /** Business time. */
  now(): Promise<Date>;
  /** Moves business time there unless it is later already. Waiting: until all work that fell due is done. */
  advance(to: Date, wait: boolean): Promise<void>;
  setPace(hours: { pickup: number; transit: number; inspection: number; retry: number }): Promise<void>;
  /** Answers how many were new. */
  importOrders(orders: readonly ImportedOrder[]): Promise<number>;
  books(): Promise<Books>;
  /** What the provider paid back for an order, in pence. */
  refundedFor(orderId: string): Promise<bigint>;
  close(): void;
}

const callMs = 60_000;
const settleMs = 90_000;
const ordersAtOnce = 500;
/** The sandbox waits a minute each time. */
const settleTries = 5;
/** A gRPC message may have 4 MiB; a line is some 150 bytes. */
const linesAtOnce = 10_000;

/** @param token gives an OPERATOR's token; asked for each call, so it may give a new one before the old expires; @param identity an operator's, where the sandbox asks for one */
export function openSandbox(address: string, token: () => Promise<string>, identity?: Identity): Sandbox {
  const options = { service: "replay", mint: token, identity };
  const quick = openAddress(address, { ...options, deadlineMs: callMs });
  const patient = openAddress(address, { ...options, deadlineMs: settleMs });
  const clock = quick.connect(ClockServiceService);
  const waitingClock = patient.connect(ClockServiceService);
  const sandbox = quick.connect(SandboxServiceService);
  const scenarios = quick.connect(ScenarioServiceService);
  // Business time runs on with real time; what it is now follows from the last answer.
  let known = { business: 0, real: 0 };
  const knowNow = (now: Date | undefined) => {
    known = { business: now?.getTime() ?? 0, real: Date.now() };
  };
  const estimate = () => known.business + Date.now() - known.real;
  const hours = (count: number) => ({ seconds: BigInt(count) * 3600n, nanos: 0 });

  return {
    now: async () => {
      knowNow((await clock.getClock({})).now);
      return new Date(known.business);
    },
    advance: async (to, wait) => {
      if (to.getTime() <= estimate()) {
        if (!wait) return;
        // It has passed already: settle a moment from now.
        to = new Date(estimate() + 1_000);
      }
      for (let tried = 1; ; tried++) {
        try {
          const answer = await (wait ? waitingClock : clock).advanceClock({ to, noWait: !wait });
          return knowNow(answer.now);
        } catch (error) {
          // The time is set all the same; only what fell due is not all done.
          const unsettled = (error as { reason?: string }).reason === "CLOCK_NOT_SETTLED";
          if (!unsettled || tried === settleTries) throw error;
          knowNow((await clock.getClock({})).now);
          to = new Date(estimate() + 1_000);
        }
      }
    },
    setPace: async ({ pickup, transit, inspection, retry }) => {
      const pace = {
        pickup: hours(pickup),
        transit: hours(transit),
        inspection: hours(inspection),
        retry: hours(retry),
      };
      await scenarios.setPace({ pace });
    },
    importOrders: async (orders) => {
      let imported = 0;
      for (const some of portions(orders)) imported += (await sandbox.importOrders({ orders: some })).imported;
      return imported;
    },
    books: async () => {
      const { refunded, overRefundedPayments, orders } = await sandbox.getBooks({});
      const total = refunded.find(({ amount }) => amount?.currencyCode === currency);
      return {
        refundedMinor: minorOf(total?.amount),
        refunds: Number(total?.refunds ?? 0n),
        overRefunded: Number(overRefundedPayments),
        orders: Number(orders),
      };
    },
    refundedFor: async (orderId) => {
      const { refunds } = await sandbox.listProviderRefunds({ orderId });
      return refunds.reduce((sum, { amount }) => sum + minorOf(amount), 0n);
    },
    close: () => {
      quick.close();
      patient.close();
    },
  };
}

function minorOf(money: { units: bigint; nanos: number } | undefined): bigint {
  return money ? money.units * 100n + BigInt(Math.round(money.nanos / 10_000_000)) : 0n;
}

function* portions(orders: readonly ImportedOrder[]): Generator<ImportedOrder[]> {
  let some: ImportedOrder[] = [];
  let lines = 0;
  for (const order of orders) {
    const more = order.order?.lines.length ?? 0;
    if (some.length > 0 && (some.length === ordersAtOnce || lines + more > linesAtOnce)) {
      yield some;
      some = [];
      lines = 0;
    }
    some.push(order);
    lines += more;
  }
  if (some.length > 0) yield some;
}
