// Goods in quarantine as SQL, in the order in which they came.
import * as events from "#gen/backhaul/inspection/v1/inspection_events.js";
import { PrismaClient } from "#gen/prisma/inspection/client.js";
import { aggregates, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { announcer } from "#kit/facts.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { openReader } from "#kit/reader.js";
import type { Vault } from "#kit/vault.js";
import { alreadyScanned, announced } from "./core/dock.js";
import type { QuarantineOutcome } from "./core/quarantine.js";
import type { Quarantined, QuarantineState } from "./core/types.js";
import { toFact } from "./proto.js";
import { toQuarantinedRow } from "./rows.js";

const select = `SELECT quarantine_id AS "quarantineId", state, reason, inspection_id AS "inspectionId",
  tracking_number AS "trackingNumber", centre, items, note, scanner, receive_time AS "receiveTime", decider,
  decide_time AS "decideTime", disposition, version FROM quarantined WHERE quarantine_id = $1`;

/** A whole parcel. Under a label it stands there once: the index refuses the second. */
const insert = commitStatement(
  "quarantined.insert",
  `INSERT INTO quarantined (quarantine_id, state, reason, inspection_id, tracking_number, centre, items, note, scanner,
     receive_time, decider, version, whole)
   VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12, $5 <> '') RETURNING quarantine_id AS id`,
);

const update = commitStatement(
  "quarantined.update",
  `UPDATE quarantined SET state = $3, inspection_id = $4, note = $5, decider = $6, decide_time = $7, disposition = $8,
     version = $9
   WHERE quarantine_id = $1 AND version = $2 RETURNING quarantine_id AS id`,
);

/** What stands on a parcel, and what was said of it: under a key of its own, for it may be anybody's. */
const personal = {
  table: "quarantined",
  id: ({ quarantineId }: Quarantined) => quarantineId,
  subject: ({ quarantineId }: Quarantined) => quarantineId,
  places: { note: [""] },
  steps: ["note"],
} satisfies Omit<Personal<Quarantined>, "vault">;

/** Goods as the quarantine reads them, for whoever writes them along with something else. */
export const sealedGoods = (vault: Vault, goods: Quarantined): Promise<Quarantined> =>
  vault.seal({ table: personal.table, id: goods.quarantineId }, goods.quarantineId, goods, personal.places);

/** Opens the quarantine. */
export function openQuarantine(db: Database, followers: Followers, vault: Vault) {
  const prisma = openReader(
    db,
    (options) => new PrismaClient(options),
    (reader) => reader.quarantined.findMany({ take: 1 }),
  );
  const announce = announcer("backhaul.inspection.v1", events);
  const goods = aggregates<Quarantined, undefined>(
    db,
    followers,
    {
      select,
      insert,
      update,
      insertValues: (q) => [
        q.quarantineId,
        q.state,
        q.reason,
        q.inspectionId,
        q.trackingNumber,
        q.centre,
        JSON.stringify(q.items),
        q.note,
        q.scanner,
        q.receiveTime,
        q.decider,
        q.version,
      ],
      updateValues: (q, before) => [
        q.quarantineId,
        before.version,
        q.state,
        q.inspectionId,
        q.note,
        q.decider,
        q.decideTime ?? null,
        q.disposition ?? null,
        q.version,
      ],
      toCore: toQuarantinedRow,
      notFound: (id) => new DomainError("QUARANTINE_NOT_FOUND", `no goods ${id} in quarantine`, { quarantine_id: id }),
      broken: (constraint, { trackingNumber, inspectionId }) =>
        constraint === "quarantined_once" ? alreadyScanned(trackingNumber, inspectionId) : undefined,
      personal: { ...personal, vault },
    },
    "quarantined",
  );

  return {
    find: goods.find,
    orRecall: goods.orRecall,

    /** Takes goods in; `resolutionId` of the inspection they came with, "" for none. */
    hold: <R>(spend: Spend<Quarantined, R>, resolutionId: string, decide: () => Quarantined): Promise<R> =>
      goods.create(
        spend,
        async () => {},
        () => {
          const next = decide();
          return { next, extra: undefined, facts: [announce(toFact(announced(next, resolutionId)))] };
        },
      ),

    change: <R>(
      id: string,
      spend: Spend<Quarantined, R>,
      decide: (quarantined: Quarantined) => QuarantineOutcome,
    ): Promise<R> =>
      goods.change(id, spend, (quarantined) => {
        const { next, facts = [], steps = [] } = decide(quarantined);
        return { next, extra: undefined, facts: facts.map((fact) => announce(toFact(fact))), steps };
      }),

    /** Oldest first. */
    list: async (filter: { state?: QuarantineState | undefined; centre?: string | undefined }, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "quarantineId", "asc");
      const rows = await prisma.quarantined.findMany({ where: { ...filter, ...beyond }, orderBy, take });
      const open = await vault.open(personal.table, personal.id, rows.map(toQuarantinedRow), personal.places);
      return pageOf(open, page, ({ quarantineId }) => quarantineId);
    },

    close: () => prisma.$disconnect(),
  };
}

export type Quarantine = ReturnType<typeof openQuarantine>;
