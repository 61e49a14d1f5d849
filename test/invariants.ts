// The invariants of resolutions and facts (reliability: 16–21, 26–31, 36) as queries over the live databases and the bus. Each
// must find nothing. Asked after every journey, when all has come to rest.
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import pg from "pg";

/** One invariant that does not hold, with the rows that break it. */
export type Breach = { readonly invariant: string; readonly rows: readonly unknown[] };

/** Names of the services' schemas, by service. */
export type Schemas = (service: string) => string;

/** What the resolution service takes in. */
export const heard = [
  "backhaul.collection.v1.ParcelPickedUp",
  "backhaul.collection.v1.PickupAttemptFailed",
  "backhaul.collection.v1.CollectionFailed",
  "backhaul.collection.v1.ParcelLost",
  "backhaul.inspection.v1.ParcelReceived",
  "backhaul.inspection.v1.InspectionCompleted",
  "backhaul.inspection.v1.DisputeDecided",
  "backhaul.refund.v1.RefundSucceeded",
  "backhaul.refund.v1.RefundFailed",
  "backhaul.refund.v1.RefundHeld",
  "backhaul.refund.v1.RefundReversed",
  "backhaul.refund.v1.RecoverySettled",
];
/** Whoever keeps an audit trail; what a telling of collection's own is, nobody asked for. */
const audited = ["resolution", "eligibility", "collection", "inspection", "refund", "reconciler", "outreach"];
const announcing = ["resolution", "collection", "inspection", "refund", "reconciler", "outreach"];

/** Where a resolution may go, as the customer sees it. */
const edges = [
  ["PENDING_REVIEW", "OPEN", "DECLINED", "WITHDRAWN", "CANCELED"],
  ["OPEN", "CLOSED", "WITHDRAWN", "AUTO_WITHDRAWN", "CANCELED", "DECLINED"],
  ["AUTO_WITHDRAWN", "OPEN"],
  // By staff.
  ["WITHDRAWN", "OPEN", "PENDING_REVIEW"],
  ["CANCELED", "OPEN", "PENDING_REVIEW"],
];

function queries(of: Schemas): Record<string, string> {
  const res = of("resolution");
  const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(", ");
  const legal = edges.flatMap(([from, ...tos]) => tos.map((to) => `('${from}','${to}')`)).join(", ");
  const ended = quoted(["DECLINED", "WITHDRAWN", "AUTO_WITHDRAWN", "CANCELED", "CLOSED"]);
  const untold = audited.map(
    (service) => `SELECT '${service}' AS service, q.aggregate_id, q.principal FROM ${of(service)}.request q
      WHERE q.principal <> 'SERVICE:collection' AND NOT EXISTS (SELECT FROM ${of(service)}.audit a
        WHERE a.resource_id = q.aggregate_id AND a.request_digest = q.fingerprint)`,
  );
  return {
    "36 each act stands in the audit trail": untold.join(" UNION ALL "),
    "16 what was accepted exists": `SELECT q.aggregate_id FROM ${res}.request q
      LEFT JOIN ${res}.resolution r ON r.resolution_id = q.aggregate_id
      WHERE r.resolution_id IS NULL AND q.aggregate_id ~ '^res_'
      UNION ALL SELECT r.resolution_id FROM ${res}.resolution r
      LEFT JOIN ${res}.request q ON q.aggregate_id = r.resolution_id WHERE q.request_id IS NULL`,
    "17 the history has no gap": `SELECT r.resolution_id, r.entries, count(t.*), max(t.sequence) FROM ${res}.resolution r
      LEFT JOIN ${res}.timeline t USING (resolution_id) GROUP BY r.resolution_id, r.entries
      HAVING count(t.*) <> r.entries OR max(t.sequence) <> r.entries`,
    "17 every move is legal": `SELECT * FROM (SELECT resolution_id, sequence, lag(state) OVER w AS before, state
        FROM ${res}.timeline WINDOW w AS (PARTITION BY resolution_id ORDER BY sequence)) moves
      WHERE before IS NOT NULL AND before <> state AND (before, state) NOT IN (${legal})`,
    "18 the row is what its history says": `SELECT r.resolution_id FROM ${res}.resolution r
      JOIN ${res}.timeline t ON t.resolution_id = r.resolution_id AND t.sequence = r.entries
      WHERE (r.state, r.goods, r.money, r.stock) IS DISTINCT FROM (t.state, t.goods, t.money, t.stock)`,
    "19 nothing waits silently": `SELECT r.resolution_id, r.state, r.goods, r.money, r.stock FROM ${res}.resolution r
      WHERE r.state NOT IN (${ended}) AND NOT r.on_hold
      AND NOT EXISTS (SELECT FROM ${res}.agenda a WHERE a.aggregate_id = r.resolution_id)`,
    "20 what is final is final": `SELECT t.* FROM ${res}.timeline t JOIN ${res}.timeline before
        ON before.resolution_id = t.resolution_id AND before.sequence = t.sequence - 1
      WHERE before.state IN (${ended}) AND t.applied AND t.name NOT IN ('Closed', 'Reopened', 'AttentionRaised', 'DisputeDecided',
        'DisputePaid', 'Resumed', 'StepSkipped', 'AttentionCleared')`,
    "21 no unit is in two requests": `SELECT l.* FROM ${res}.order_line l LEFT JOIN (
        SELECT r.order_id, coalesce(line->>'heldAs', line->>'lineId') AS line_id,
          sum((line->>'quantity')::int - CASE r.state WHEN 'CLOSED' THEN (line->>'rejected')::int ELSE 0 END) AS held
        FROM ${res}.resolution r, jsonb_array_elements(r.lines) line
        WHERE r.state IN ('PENDING_REVIEW', 'OPEN', 'CLOSED') GROUP BY 1, 2) s USING (order_id, line_id)
      WHERE l.held <> coalesce(s.held, 0) OR l.held > l.purchased`,
    "nothing stays set aside on a card for what has ended": `SELECT a.authorization_id, a.order_id
      FROM ${of("partners")}.card_authorization a
      LEFT JOIN ${res}.resolution r ON r.exchange->'guarantee'->>'authorizationId' = a.authorization_id AND r.state = 'OPEN'
      WHERE a.state = 'AUTHORIZED' AND r.resolution_id IS NULL`,
    "26 every request and every end is announced": `SELECT r.resolution_id, r.state FROM ${res}.resolution r
      WHERE NOT EXISTS (SELECT FROM ${res}.outbox o WHERE o.aggregate_id = r.resolution_id
          AND o.subject = 'backhaul.resolution.v1.ResolutionRequested')
        OR r.state IN (${ended}) AND NOT EXISTS (SELECT FROM ${res}.outbox o WHERE o.aggregate_id = r.resolution_id
          AND o.subject = 'backhaul.resolution.v1.ResolutionEnded')`,
    "27 facts do not lie in an outbox": announcing
      .map(
        (s) => `SELECT event_id, subject FROM ${of(s)}.outbox WHERE publish_time IS NULL
          AND create_time < now() - interval '30 seconds' OR publish_time IS NOT NULL AND stream_seq IS NULL`,
      )
      .join(" UNION ALL "),
    "28 every fact was taken in, or is a dead letter": announcing
      .slice(1)
      .map(
        (s) => `SELECT o.event_id, o.subject FROM ${of(s)}.outbox o
          LEFT JOIN ${res}.consumed c ON c.event_id = o.event_id AND c.consumer = 'resolution'
          LEFT JOIN ${res}.dead_letter d ON d.event_id = o.event_id AND d.consumer = 'resolution'
          WHERE o.subject IN (${quoted(heard)}) AND c.event_id IS NULL AND d.event_id IS NULL`,
      )
      .join(" UNION ALL "),
    "28 every history was taken in whole": `SELECT r.resolution_id, r.entries, f.last_sequence FROM ${res}.resolution r
      LEFT JOIN ${of("outreach")}.feed f USING (resolution_id) WHERE f.last_sequence IS DISTINCT FROM r.entries`,
    "29 a fact takes effect once": `SELECT event_id FROM ${res}.consumed GROUP BY consumer, event_id HAVING count(*) > 1`,
    "30 no track goes back": `WITH ranks(word, rank) AS (VALUES ('STOPPING', 1), ('INTERCEPTING', 1), ('ALREADY_SHIPPED', 2), ('COLLECTING', 3),
        ('IN_TRANSIT', 4), ('RECEIVED', 5), ('INSPECTING', 5), ('INSPECTED', 6), ('RETURNED_TO_CUSTOMER', 6), ('LOST', 6))
      SELECT * FROM (SELECT t.resolution_id, t.sequence, t.name, r.rank, lag(r.rank) OVER (PARTITION BY t.resolution_id
          ORDER BY t.sequence) AS before FROM ${res}.timeline t JOIN ranks r ON r.word = t.goods) moves
      WHERE rank < before AND name <> 'Reopened'`,
    "31 nobody is owed an answer by a dead letter": `SELECT * FROM ${res}.dead_letter WHERE resolve_time IS NULL`,
  };
}

/** Asks all of them; an empty answer is a sound mesh. */
export async function breaches(databaseUrl: string, natsUrl: string, of: Schemas): Promise<Breach[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const found: Breach[] = [];
    for (const [invariant, sql] of Object.entries(queries(of))) {
      const { rows } = await client.query(sql);
      if (rows.length > 0) found.push({ invariant, rows });
    }
    const waiting = await unsettledConsumers(natsUrl);
    if (waiting.length > 0) found.push({ invariant: "31 the bus is at rest", rows: waiting });
    return found;
  } finally {
    await client.end();
  }
}

async function unsettledConsumers(url: string): Promise<unknown[]> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    const waiting: unknown[] = [];
    for await (const stream of manager.streams.list()) {
      for await (const { name, num_pending, num_ack_pending } of manager.consumers.list(stream.config.name)) {
        if (num_pending + num_ack_pending > 0)
          waiting.push({ stream: stream.config.name, name, num_pending, num_ack_pending });
      }
    }
    return waiting;
  } finally {
    await connection.close();
  }
}
