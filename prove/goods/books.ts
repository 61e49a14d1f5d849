// What the books say when all is done: the inspection's own, and those of the stock system, which nobody of ours writes.
import type { Desk } from "../desk.js";
import { type Disposition, expectedOf, type Plan, skus, units, wrongSku } from "./plan.js";

/** A returned line as the inspection has it. */
type Row = {
  readonly inspection_id: string;
  readonly resolution_id: string;
  readonly state: string;
  readonly expected: readonly { readonly lineId: string; readonly sku: string; readonly quantity: number }[];
  readonly findings: readonly {
    readonly lineId: string;
    readonly quantity: number;
    readonly verdict: string;
    readonly disposition: string;
  }[];
  readonly receipts: readonly {
    readonly items: readonly { readonly sku: string; readonly quantity: number }[];
    readonly receiveTime: string;
  }[];
  readonly attention: readonly unknown[];
};

export type Sums = {
  readonly expected: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly missing: number;
  readonly extra: number;
  /** Units that stock has booked, of inspections and of goods that were nobody's. */
  readonly posted: number;
  readonly sentBack: number;
};

export type Audit = { readonly sums: Sums; readonly faults: readonly string[]; readonly onShelf: number };

/** Units on the shelf, by product. */
export async function shelf(desk: Desk): Promise<Map<string, number>> {
  const rows = await desk.books<{ sku: string; on_shelf: number }>(
    "partners",
    `SELECT sku, on_shelf FROM "{}".product WHERE sku = ANY($1)`,
    [[...skus, wrongSku]],
  );
  return new Map(rows.map(({ sku, on_shelf }) => [sku, on_shelf]));
}

/** Waits until nothing is left to be posted or sent. */
export async function settled(desk: Desk): Promise<void> {
  for (const end = Date.now() + 300_000; ; ) {
    const [row] = await desk.books<{ n: number }>(
      "inspection",
      `SELECT count(*)::int AS n FROM "{}".agenda WHERE due_time <= now() + interval '1 minute'`,
    );
    if (row?.n === 0) return;
    if (Date.now() > end) throw new Error(`${row?.n} steps of the inspection service are still to be done`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Holds every plan against all books. */
export async function audit(desk: Desk, plans: readonly Plan[], before: ReadonlyMap<string, number>): Promise<Audit> {
  const faults: string[] = [];
  const rows = await desk.books<Row>(
    "inspection",
    `SELECT inspection_id, resolution_id, state, expected, findings, receipts, attention FROM "{}".inspection`,
  );
  const ofResolution = new Map(rows.map((row) => [row.resolution_id, row]));
  const books = await booksOf(desk);
  const totals = { expected: 0, accepted: 0, rejected: 0, missing: 0, extra: 0, posted: 0, sentBack: 0 };
  let restocked = 0;
  for (const plan of plans) {
    const row = ofResolution.get(plan.resolutionId);
    if (!row) {
      faults.push(`${plan.orderId}: no inspection`);
      continue;
    }
    const of = (verdict: string) => units(row.findings.filter((finding) => finding.verdict === verdict));
    const strays = books.strays.get(row.inspection_id) ?? [];
    const posted = books.posted.get(row.inspection_id) ?? [];
    const strayPosts = strays.flatMap(({ quarantineId }) => books.posted.get(quarantineId) ?? []);
    const counted = {
      expected: units(row.expected),
      accepted: of("ACCEPTED"),
      rejected: of("REJECTED"),
      missing: of("MISSING"),
      extra: units(strays.filter(({ state }) => state !== "ASSIGNED")),
    };
    const say = (what: string) => faults.push(`${plan.orderId} (${plan.story}): ${what}`);
    const wanted = expectedOf(plan);
    if (row.state !== "INSPECTED") say(`is ${row.state}`);
    if (row.attention.length > 0) say(`waits for a person: ${JSON.stringify(row.attention)}`);
    for (const name of Object.keys(wanted) as (keyof typeof wanted)[])
      if (wanted[name] !== counted[name]) say(`${name} is ${counted[name]}, planned were ${wanted[name]}`);
    if (counted.expected !== counted.accepted + counted.rejected + counted.missing) say("verdicts do not add up");
    for (const { lineId, purchased } of plan.lines) {
      const expected = units(row.expected.filter((line) => line.lineId === lineId));
      if (expected > purchased) say(`${expected} units of ${lineId} are expected, ${purchased} were bought`);
    }
    sameDispositions(plan, posted, say);
    if ((books.marked.get(row.inspection_id) ?? 0) !== counted.accepted)
      say("units are not booked one by one, once each");
    if ((books.sentBack.get(row.inspection_id) ?? 0) !== counted.rejected)
      say("what was rejected is not what was sent back");
    neverBefore(row, posted, say);
    const strayUnits = plan.strays === "HELD" ? 0 : units(strays.filter(({ state }) => state === "DISPOSED"));
    if (units(strayPosts) !== strayUnits) say(`${units(strayPosts)} stray units are posted, not ${strayUnits}`);
    for (const name of Object.keys(counted) as (keyof typeof counted)[]) totals[name] += counted[name];
    totals.posted += units(posted) + units(strayPosts);
    totals.sentBack += books.sentBack.get(row.inspection_id) ?? 0;
    restocked += units([...posted, ...strayPosts].filter(({ disposition }) => disposition === "RESTOCKED"));
  }
  const after = await shelf(desk);
  const onShelf = [...after].reduce((sum, [sku, here]) => sum + here - (before.get(sku) ?? 0), 0);
  if (onShelf !== restocked) faults.push(`the shelf has ${onShelf} more units, ${restocked} were restocked`);
  return { sums: totals, faults, onShelf };
}

type Post = {
  readonly sku: string;
  readonly quantity: number;
  readonly disposition: string;
  /** When stock booked it, by the database's clock. */
  readonly time: Date;
};
type Stray = { readonly quarantineId: string; readonly quantity: number; readonly state: string };

/** All books at once, by inspection. */
async function booksOf(desk: Desk) {
  const posts = await desk.books<Post & { inspection_id: string }>(
    "partners",
    `SELECT l.inspection_id, l.sku, l.quantity, l.disposition, r.create_time AS time
     FROM "{}".disposed_line l JOIN "{}".request r ON r.aggregate_id = l.posting_id`,
  );
  const marked = await desk.books<{ id: string; n: number }>(
    "partners",
    // Every single unit, so that one that is booked twice counts twice, and is found by the second count.
    `SELECT inspection_id AS id, count(*)::int AS n FROM (
       SELECT DISTINCT inspection_id, line_id, unit FROM "{}".disposed_units, generate_series(first, first + quantity - 1) AS unit
     ) AS units GROUP BY inspection_id`,
  );
  const sent = await desk.books<{ id: string; n: number }>(
    "partners",
    `SELECT inspection_id AS id, sum((line->>'quantity')::int)::int AS n
     FROM "{}".sent_back, jsonb_array_elements(lines) AS line GROUP BY inspection_id`,
  );
  const strays = await desk.books<{ id: string; quarantine: string; state: string; n: number }>(
    "inspection",
    `SELECT inspection_id AS id, quarantine_id AS quarantine, state,
       coalesce((SELECT sum((item->>'quantity')::int) FROM jsonb_array_elements(items) AS item), 0)::int AS n
     FROM "{}".quarantined`,
  );
  return {
    posted: grouped(posts.map(({ inspection_id, ...post }) => [inspection_id, post] as const)),
    marked: new Map(marked.map(({ id, n }) => [id, n])),
    sentBack: new Map(sent.map(({ id, n }) => [id, n])),
    strays: grouped(
      strays.map(({ id, quarantine, state, n }): readonly [string, Stray] => [
        id,
        { quarantineId: quarantine, quantity: n, state },
      ]),
    ),
  };
}

function grouped<T>(pairs: readonly (readonly [string, T])[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}

/** Stock has booked of each product and way exactly what the plan has. */
function sameDispositions({ lines }: Plan, posted: readonly Post[], say: (what: string) => unknown): void {
  const planned = new Map<string, number>();
  for (const { sku, fates } of lines)
    for (const fate of fates)
      if (fate !== "REJECTED" && fate !== "MISSING") add(planned, `${sku} ${fate satisfies Disposition}`, 1);
  for (const { sku, disposition, quantity } of posted) add(planned, `${sku} ${disposition}`, -quantity);
  for (const [what, left] of planned) if (left !== 0) say(`stock has ${-left} units of ${what} too many`);
}

function add(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

/** Nothing is booked before its first parcel was there, and no more of a product than was counted. */
function neverBefore({ receipts }: Row, posted: readonly Post[], say: (what: string) => unknown): void {
  const first = Math.min(...receipts.map(({ receiveTime }) => Date.parse(receiveTime)));
  for (const { sku, time } of posted) if (time.getTime() < first) say(`${sku} was booked before it came`);
  const here = new Map<string, number>();
  for (const { sku, quantity } of receipts.flatMap(({ items }) => items)) add(here, sku, quantity);
  for (const { sku, quantity } of posted) add(here, sku, -quantity);
  for (const [sku, left] of here) if (left < 0) say(`stock booked ${-left} units of ${sku} more than came`);
}
