// What operators ask of many collections at once: codes that nobody can read, and how carriers did. Only reads.
import type { CarrierScore, UnknownCode } from "#gen/backhaul/collection/v1/collection_service.js";
import { type Page, pageOf } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Fault } from "./core/types.js";
import { faults } from "./proto.js";

const defaultPage = 50;

/** Grouped along the index of what was set aside, so a page costs what it shows. */
const unknownCodes: Statement = {
  name: "ledger.unknownCodes",
  text: `SELECT reporter, code, count(*)::text AS reports, min(receive_time) AS "firstReceiveTime",
    max(receive_time) AS "lastReceiveTime",
    (array_agg(collection_id ORDER BY receive_time DESC))[1] AS "collectionId"
  FROM tracking_event
  WHERE aside IN ('UNKNOWN', 'UNCLEAR') AND ($1::text = '' OR reporter = $1) AND (reporter, code) > ($2::text, $3::text)
  GROUP BY reporter, code ORDER BY reporter, code LIMIT $4`,
};

/** One pass over the collections of the range, each with its attempts. */
const scores: Statement = {
  name: "ledger.scores",
  text: `WITH chosen AS (
    SELECT market, carrier, state, hand_over_time, deliver_time, stalls, attempts,
      extract(epoch FROM hand_over_time - create_time) / 3600 AS hours
    FROM collection
    WHERE create_time >= $1 AND create_time < $2 AND carrier IS NOT NULL
      AND ($3::text = '' OR market = $3) AND ($4::text = '' OR carrier = $4)),
  failures AS (
    SELECT market, carrier, a->>'fault' AS fault, count(*) AS n
    FROM chosen, jsonb_array_elements(attempts) AS a WHERE a->>'outcome' = 'FAILED' GROUP BY 1, 2, 3)
  SELECT market, carrier, count(*)::text AS collections, count(hand_over_time)::text AS "handedOver",
    count(deliver_time)::text AS delivered, sum(jsonb_array_length(attempts))::text AS attempts,
    (SELECT coalesce(jsonb_object_agg(fault, n), '{}') FROM failures f
      WHERE f.market = c.market AND f.carrier = c.carrier) AS failed,
    (percentile_cont(0.5) WITHIN GROUP (ORDER BY hours))::float8 AS p50,
    (percentile_cont(0.9) WITHIN GROUP (ORDER BY hours))::float8 AS p90,
    count(*) FILTER (WHERE state = 'LOST')::text AS lost, count(*) FILTER (WHERE stalls > 0)::text AS stalled
  FROM chosen c GROUP BY market, carrier ORDER BY market, carrier`,
};

/** Which collections to score. "" is any. */
export type Range = {
  readonly market: string;
  readonly carrier: string;
  readonly startTime: Date;
  readonly endTime: Date;
};

export function openLedger(db: Database) {
  return {
    /** @throws DomainError PAGE_TOKEN_INVALID */
    unknownCodes: async (reporter: string, page: Page): Promise<{ rows: UnknownCode[]; nextPageToken: string }> => {
      const size = page.pageSize || defaultPage;
      const rows = await db.query(unknownCodes, [reporter, ...place(page.pageToken), size + 1]);
      const codes = rows.map((row): UnknownCode => ({ ...row, reports: BigInt(row.reports) }));
      return pageOf(codes, page, (code) => JSON.stringify([code.reporter, code.code]), defaultPage);
    },

    /** By market, then by carrier. */
    scores: async ({ market, carrier, startTime, endTime }: Range): Promise<CarrierScore[]> =>
      (await db.query(scores, [startTime, endTime, market, carrier])).map(toScore),
  };
}

/** Where a page begins: after the reporter and code that the token names. */
function place(token: string): [string, string] {
  if (token === "") return ["", ""];
  try {
    const [reporter, code] = JSON.parse(Buffer.from(token, "base64url").toString());
    const texts = [reporter, code].every((part) => typeof part === "string" && !part.includes("\0"));
    if (texts) return [reporter, code];
  } catch {
    // Told below, as for any other text.
  }
  throw new DomainError("PAGE_TOKEN_INVALID", "page_token is not one that this list gave: leave it out to start over");
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the select
function toScore(row: any): CarrierScore {
  const count = (name: string) => BigInt(row[name] ?? 0);
  return {
    market: row.market,
    carrier: row.carrier,
    collections: count("collections"),
    handedOver: count("handedOver"),
    delivered: count("delivered"),
    attempts: count("attempts"),
    failedAttempts: Object.entries(row.failed as Record<Fault, number>)
      .map(([fault, n]) => ({ fault: faults.value(fault as Fault), attempts: BigInt(n) }))
      .sort((one, other) => one.fault - other.fault),
    firstScanHoursP50: row.p50 ?? undefined,
    firstScanHoursP90: row.p90 ?? undefined,
    lost: count("lost"),
    stalled: count("stalled"),
  };
}
