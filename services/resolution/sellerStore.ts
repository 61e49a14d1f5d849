// Sellers' cases as they are stored.
import { aggregates, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { fromJson, toJson } from "#kit/json.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Vault } from "#kit/vault.js";
import type { SellerCase, SellerOutcome } from "./core/sellerCase.js";
import { customerOf } from "./store.js";

const columns = `seller_case_id, resolution_id, order_id, seller_id, market, state, create_time, due_time, days_left,
  pause_reason, answer, statement, evidence, offer, decided_reason, decide_time, version`;
const selected = `SELECT ${columns.replace(/\b[a-z]+(_[a-z]+)+\b/g, (name) => `${name} AS "${camel(name)}"`)}, ${customerOf("c")}
  FROM seller_case c`;

const insert = commitStatement(
  "sellerCase.insert",
  `INSERT INTO seller_case (${columns})
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text[], $14::jsonb, $15, $16, $17)
   RETURNING seller_case_id AS id`,
);
const update = commitStatement(
  "sellerCase.update",
  `UPDATE seller_case SET state = $3, due_time = $4, days_left = $5, pause_reason = $6, answer = $7, statement = $8,
     evidence = $9::text[], offer = $10::jsonb, decided_reason = $11, decide_time = $12, version = $13
   WHERE seller_case_id = $1 AND version = $2 RETURNING seller_case_id AS id`,
);
const list: Statement = {
  name: "sellerCase.list",
  text: `${selected} WHERE ($1 = '' OR seller_id = $1) AND ($2 = '' OR state = $2) AND ($3 = '' OR resolution_id = $3)
    AND ($4 = '' OR market = $4) AND ($5::text IS NULL OR seller_case_id < $5) ORDER BY seller_case_id DESC LIMIT $6`,
};

/** What lists may be narrowed by; "" is anything. */
export type SellerFilter = {
  readonly sellerId: string;
  readonly state: string;
  readonly resolutionId: string;
  readonly market: string;
};

/** What the seller and the desk wrote of it. */
const personal = {
  table: "seller_case",
  id: ({ sellerCaseId }: SellerCase) => sellerCaseId,
  subject: ({ customerId }: SellerCase) => customerId,
  places: { statement: [""], decidedReason: [""] },
} satisfies Omit<Personal<SellerCase>, "vault">;

export function openSellerStore(db: Database, followers: Followers, vault: Vault) {
  const cases = aggregates<SellerCase, undefined>(
    db,
    followers,
    {
      select: `${selected} WHERE seller_case_id = $1`,
      insert,
      update,
      insertValues: (c) => [
        ...[c.sellerCaseId, c.resolutionId, c.orderId, c.sellerId, c.market, c.state, c.createTime, c.dueTime ?? null],
        ...[c.daysLeft, c.pauseReason, c.answer, c.statement, c.evidence, offerOf(c), c.decidedReason],
        ...[c.decideTime ?? null, c.version],
      ],
      updateValues: (c, before) => [
        ...[c.sellerCaseId, before.version, c.state, c.dueTime ?? null, c.daysLeft, c.pauseReason, c.answer],
        ...[c.statement, c.evidence, offerOf(c), c.decidedReason, c.decideTime ?? null, c.version],
      ],
      toCore,
      notFound: noCase,
      personal: { ...personal, vault },
    },
    "sellerCase",
  );
  const decided = ({ next, steps, dropped }: SellerOutcome) => ({ next, steps, dropped, extra: undefined });

  return {
    /** @throws DomainError SELLER_CASE_NOT_FOUND */
    find: cases.find,
    create: <R>(spend: Spend<SellerCase, R>, outcome: SellerOutcome): Promise<R> =>
      cases.create(
        spend,
        async () => undefined,
        () => decided(outcome),
      ),
    change: <R>(id: string, spend: Spend<SellerCase, R>, decide: (one: SellerCase) => SellerOutcome): Promise<R> =>
      cases.change(id, spend, (one) => decided(decide(one))),
    /** Newest first. */
    list: async ({ sellerId, state, resolutionId, market }: SellerFilter, page: Page) => {
      const { beyond, take } = pageQuery(page, "sellerCaseId", "desc", pageSize);
      const after = (beyond as { sellerCaseId?: { lt?: string } }).sellerCaseId?.lt ?? null;
      const rows = await db.query(list, [sellerId, state, resolutionId, market, after, take]);
      const open = await vault.open(personal.table, personal.id, rows.map(toCore), personal.places);
      return pageOf(open, page, (one) => one.sellerCaseId, pageSize);
    },
  };
}

export type SellerStore = ReturnType<typeof openSellerStore>;

const pageSize = 20;

export function noCase(id: string): DomainError {
  return new DomainError("SELLER_CASE_NOT_FOUND", `no seller's case ${id}`, { seller_case_id: id });
}

function offerOf({ offer }: SellerCase): string | null {
  return offer ? toJson(offer) : null;
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the select
function toCore(row: any): SellerCase {
  return {
    ...row,
    dueTime: row.dueTime ?? undefined,
    decideTime: row.decideTime ?? undefined,
    offer: row.offer ? fromJson(row.offer) : undefined,
  };
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
