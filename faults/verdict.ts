// What a trial comes to: every promise held against the books, the provider's own book counted, every invariant asked.
import { setTimeout as wait } from "node:timers/promises";
import { broken, checkInvariants } from "../scripts/invariants/check.js";
import { patienceMs } from "./customers.js";
import type { House } from "./house.js";
import type { Begun } from "./journeys.js";

const ended = ["DECLINED", "WITHDRAWN", "AUTO_WITHDRAWN", "CANCELED", "CLOSED"];
/** In hours of business time: how far it is moved each time until all has come to its end. A driver comes again in some. */
const steps = [0, 1, 1, 1, 1, 2, 4, 8, 24, 24, 24, 24, 24, 24, 24];
/** While it is asked to be later, time goes on: less would be in the past before it is heard. */
const askingMs = 1_000;
/** Rows of an invariant that are shown. */
const shown = 3;
/** So long what may merely be under way is asked again. */
const settleMs = 5_000;

type Row = {
  readonly resolution_id: string;
  readonly state: string;
  readonly goods: string;
  readonly money: string;
  readonly stock: string;
  readonly on_hold: boolean;
};

/** Lets time pass until all of these have come to their end and nothing is under way. @throws Error if the mesh finds no rest */
export async function settled(house: House, all: readonly Begun[], patience = patienceMs): Promise<void> {
  for (const hours of steps) {
    await rested(house, hours, patience);
    const found = await rowsOf(house, all);
    if (found.every(({ state, on_hold }) => ended.includes(state) || on_hold)) return;
  }
}

/** Moves the clock, and waits until everything due is done: longer than any lease, delay or reconnection lasts. */
export async function rested({ customers }: House, hours: number, patience: number): Promise<void> {
  const { shop } = customers;
  const after = async (ms: number) => new Date((await customers.patiently(shop.now)).getTime() + ms + askingMs);
  let to = await after(hours * 3_600_000);
  for (const end = Date.now() + patience; ; await wait(200)) {
    try {
      await shop.clocks.advanceClock({ to, noWait: false });
      return;
    } catch (error) {
      const { reason, message } = error as { reason?: string; message: string };
      // An earlier try moved it; what is waited for is rest.
      if (reason === "CLOCK_BACKWARDS") to = await after(0);
      if (Date.now() > end) throw new Error(`no rest within ${patience / 1000} s: ${message}`);
    }
  }
}

/** What is wrong; nothing, if all is well. */
export async function verdict(house: House, all: readonly Begun[], leavesToPeople: boolean): Promise<string[]> {
  const { mesh, books } = house;
  const found = new Map((await rowsOf(house, all)).map((row) => [row.resolution_id, row]));
  const { rows: counted } = await books.query(
    `SELECT payment_id, count(*)::int AS n FROM ${mesh.schemaOf("partners")}.provider_refund
     WHERE payment_id = ANY($1) AND state = 'SUCCEEDED' AND NOT by_mistake GROUP BY payment_id`,
    [all.map(({ orderId }) => `pay-${orderId}`)],
  );
  const refunds = new Map(counted.map(({ payment_id, n }) => [payment_id as string, n as number]));
  const complaints = all.map(async ({ journey, orderId, resolutionId }) => {
    const row = found.get(resolutionId);
    const said = `${resolutionId} (${journey.name})`;
    if (!row) return [`${said} was promised and is not there`];
    const { state, goods, money, stock, on_hold } = row;
    const n = refunds.get(`pay-${orderId}`) ?? 0;
    const toPeople = leavesToPeople && (on_hold || money === "MANUAL_REQUIRED" || state !== journey.end);
    if (
      toPeople
        ? n <= journey.refunds
        : state === journey.end && n === journey.refunds && (!on_hold || journey.mayComeAllTheSame)
    )
      return [];
    const is = `${state}, goods ${goods}, money ${money}, stock ${stock}, with ${n} refunds${await why(house, row)}`;
    return [`${said} is ${is}; it should be ${journey.end} with ${journey.refunds}`];
  });
  return [...(await Promise.all(complaints)).flat(), ...(await broke(house))];
}

/** What held it up, as staff are told, and how it came to that. */
async function why({ customers: { shop } }: House, { resolution_id, on_hold }: Row): Promise<string> {
  try {
    const names = (await shop.timeline(resolution_id)).map(({ name, applied }) => (applied ? name : `(${name})`));
    const held = on_hold ? `, on hold: ${(await shop.see(resolution_id)).holdReason}` : "";
    return `${held}, after ${names.join(", ")}`;
  } catch (error) {
    return `, and nobody can say why: ${(error as Error).message}`;
  }
}

async function broke(house: House): Promise<string[]> {
  const { mesh } = house;
  const { databaseUrl, natsUrl } = mesh.servers;
  const asked = await checkInvariants({
    databaseUrl,
    natsUrl,
    schemaOf: mesh.schemaOf,
    graceMs: 0,
    settleMs,
    memory: house.memory,
  });
  return broken(asked).map(({ number, name, rows, error }) => {
    const found = error ?? `${rows.length} rows, e.g. ${JSON.stringify(rows.slice(0, shown), bigints)}`;
    return `invariant ${number} ${name}: ${found}`;
  });
}

async function rowsOf({ mesh, books }: House, all: readonly Begun[]): Promise<Row[]> {
  const { rows: found } = await books.query<Row>(
    `SELECT resolution_id, state, goods, money, stock, on_hold FROM ${mesh.schemaOf("resolution")}.resolution
     WHERE resolution_id = ANY($1)`,
    [all.map(({ resolutionId }) => resolutionId)],
  );
  return found;
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
