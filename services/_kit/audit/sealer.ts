// Seals a service's audit trail every few seconds and publishes the seals. Any replica may: who inserts a number first has
// sealed, the other one's whole statement is refused by that key.
import type { Log } from "#kit/log.js";
import { type Database, type Statement, violated } from "#kit/postgres.js";
import type { Place } from "./places.js";
import { horizonMs, type Leaf, type Seal, seal } from "./seal.js";
import { sealColumns } from "./trail.js";

export type Sealer = {
  /** Seals what is new and publishes it, now. */
  round(): Promise<void>;
  /** Entries that no seal covers yet, up to what one seal takes. */
  unsealed(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
};

export type SealerOptions = {
  readonly service: string;
  readonly key: string;
  /** Between two rounds. */
  readonly everyMs: number;
  /** Where seals are published. */
  readonly places: readonly Place[];
};

type Open = Leaf & { readonly realTime: Date };

/** Entries of one seal. */
const entriesMax = 5000;
/** Seals that are published at a time. */
const sealsMax = 500;

const last: Statement = {
  name: "audit_seal.last",
  text: `SELECT ${sealColumns} FROM audit_seal ORDER BY number DESC LIMIT 1`,
};
/** A page of entries, and which of them are sealed: one look into the leaves for each, however many leaves there are. */
const open: Statement = {
  name: "audit.open",
  text: `SELECT a.*, l.found IS NOT NULL AS sealed
  FROM (
    SELECT resource_id AS "resourceId", sequence, hash, real_time AS "realTime" FROM audit
    WHERE (real_time, resource_id, sequence) > ($1, $2::text COLLATE "C", $3::int)
    ORDER BY real_time, resource_id, sequence LIMIT ${entriesMax}) a
  LEFT JOIN LATERAL (
    SELECT 1 AS found FROM audit_leaf l WHERE l.resource_id = a."resourceId" AND l.sequence = a.sequence LIMIT 1) l ON true
  ORDER BY a."realTime", a."resourceId", a.sequence`,
};
const insert: Statement = {
  name: "audit_seal.insert",
  text: `WITH seal AS (
    INSERT INTO audit_seal (number, entries, digest, previous_hash, until_time, hash, mac)
    VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING number)
  INSERT INTO audit_leaf (resource_id, sequence, hash, seal)
  SELECT l.resource_id, l.sequence, l.hash, seal.number
  FROM seal, unnest($8::text[], $9::int[], $10::bytea[]) AS l(resource_id, sequence, hash)`,
};
const after: Statement = {
  name: "audit_seal.after",
  text: `SELECT ${sealColumns} FROM audit_seal WHERE number > $1 ORDER BY number LIMIT ${sealsMax}`,
};

export function openSealer({ service, key, everyMs, places }: SealerOptions, db: Database, log: Log): Sealer {
  const published = new Map<Place, number>();
  let timer: NodeJS.Timeout | undefined;
  let working = Promise.resolve();

  /** The oldest that no seal covers, as many as one takes. */
  async function openAfter(previous: Seal | undefined): Promise<Open[]> {
    const found: Open[] = [];
    let place: unknown[] = [new Date((previous?.untilTime.getTime() ?? 0) - horizonMs), "", 0];
    for (;;) {
      const page = await db.query<Open & { sealed: boolean }>(open, place);
      found.push(...page.filter(({ sealed }) => !sealed));
      const last = page.at(-1);
      if (!last || page.length < entriesMax || found.length >= entriesMax) return found.slice(0, entriesMax);
      place = [last.realTime, last.resourceId, last.sequence];
    }
  }

  /** Seals the oldest that are open. Says whether there may be more. */
  async function sealOnce(): Promise<boolean> {
    const [previous] = await db.query<Seal>(last);
    const now = new Date();
    const leaves = await openAfter(previous);
    if (leaves.length === 0) return false;
    const full = leaves.length === entriesMax;
    const next = seal(service, previous, leaves, full ? (leaves.at(-1)?.realTime ?? now) : now, key);
    const { number, entries, digest, previousHash, untilTime, hash, mac } = next;
    await db.query(insert, [
      ...[number, entries, digest, previousHash, untilTime, hash, mac],
      leaves.map((leaf) => leaf.resourceId),
      leaves.map((leaf) => leaf.sequence),
      leaves.map((leaf) => leaf.hash),
    ]);
    return full;
  }

  async function publish(place: Place): Promise<void> {
    const known = published.get(place) ?? (await place.last(service));
    // Away, and asked again in the next round.
    if (known === undefined) return;
    let number: number = known;
    const [newest] = await db.query<Seal>(last);
    if (number > (newest?.number ?? 0))
      log.error({ place: place.name, published: number, kept: newest?.number ?? 0 }, "sealed acts are gone");
    for (;;) {
      const seals: Seal[] = await db.query<Seal>(after, [number]);
      for (const seal of seals) await place.put(service, seal);
      number = seals.at(-1)?.number ?? number;
      published.set(place, number);
      if (seals.length < sealsMax) return;
    }
  }

  async function round(): Promise<void> {
    try {
      while (await sealOnce());
    } catch (error) {
      if (!violated(error)) log.warn({ error }, "audit trail not sealed; the next round does");
    }
    for (const place of places) {
      try {
        await publish(place);
      } catch (error) {
        published.delete(place);
        log.warn({ place: place.name, error: (error as Error).message }, "seal not published; the next round does");
      }
    }
  }

  /** Rounds never overlap. */
  const next = () => {
    working = working.then(round);
    return working;
  };

  return {
    round: next,
    unsealed: async () => (await openAfter((await db.query<Seal>(last))[0])).length,
    start: () => {
      timer = setInterval(() => void next(), everyMs);
    },
    stop: async () => {
      clearInterval(timer);
      await next();
    },
  };
}
