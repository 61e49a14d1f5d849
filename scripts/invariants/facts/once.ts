// Once, forwards, and by whoever holds the lease: 29, 30 and 35.
import { type Around, type Asking, type Invariant, ofEach, quoted, services } from "../invariant.js";
import { goodsRanks, scanned } from "../resolutions/words.js";

/** Facts whose effect is an entry of this name in the history: each has one, and each entry has a fact. */
const effects = [
  ["collection", ["ParcelPickedUp", "PickupAttemptFailed", "CollectionFailed"]],
  ["inspection", ["ParcelReceived", "InspectionCompleted"]],
  ["refund", ["RefundSucceeded", "RefundHeld", "RefundReversed"]],
] as const;

/** By which a thing happens once: the service's table and its key. */
const keys = [
  ...services.flatMap((service) => [
    [service, "consumed", "consumed_pkey"],
    [service, "request", "request_pkey"],
    [service, "outbox", "outbox_pkey"],
  ]),
  ["collection", "tracking_event", "tracking_event_pkey"],
  ["refund", "tender", "tender_pkey"],
  ["refund", "ledger_journal", "ledger_journal_source"],
  ["refund", "refund", "refund_sequence"],
  ["outreach", "webhook_event", "webhook_event_pkey"],
] as const;

export function onceInvariants({ of }: Around): Invariant[] {
  const [res, collection, inspection, outreach] = [
    of("resolution"),
    of("collection"),
    of("inspection"),
    of("outreach"),
  ];
  const ranks = Object.entries(goodsRanks).map(([word, rank]) => `('${word}', ${rank})`);

  return [
    {
      number: 29,
      name: "a fact takes effect once",
      look: "the key that should have refused it (\\d consumed), and the event's rows in both histories",
      questions: [
        {
          reads: services,
          sql: ofEach(
            services,
            (
              service,
            ) => `SELECT 'taken in twice' AS what, consumer, event_id, count(*)::text AS found FROM ${of(service)}.consumed
        GROUP BY consumer, event_id HAVING count(*) > 1`,
          ),
        },
        {
          reads: ["resolution", "collection", "inspection", "refund"],
          sql: ofEach(
            effects,
            ([
              source,
              names,
            ]) => `SELECT 'more effects than facts' AS what, t.resolution_id, t.name, count(*) AS entries,
          (SELECT count(*) FROM ${of(source)}.${source} s JOIN ${of(source)}.outbox o ON o.aggregate_id = s.${source}_id
            WHERE s.resolution_id = t.resolution_id AND o.subject = 'backhaul.${source}.v1.' || t.name) AS facts
        FROM ${res}.timeline t WHERE t.name IN (${quoted(names)}) AND t.actor = '${source}' AND t.actor_role = 'SERVICE'
          -- As long as the outboxes remember.
          AND EXISTS (SELECT FROM ${res}.outbox o WHERE o.aggregate_id = t.resolution_id
            AND o.subject = 'backhaul.resolution.v1.ResolutionRequested')
        GROUP BY t.resolution_id, t.name
        HAVING count(*) > (SELECT count(*) FROM ${of(source)}.${source} s
          JOIN ${of(source)}.outbox o ON o.aggregate_id = s.${source}_id
          WHERE s.resolution_id = t.resolution_id AND o.subject = 'backhaul.${source}.v1.' || t.name)`,
          ),
        },
        {
          reads: services,
          sql: `SELECT 'the key is gone' AS what, k.of, k.key FROM (VALUES ${keys
            .map(([service, table, key]) => `('${of(service)}.${table}', '${key}')`)
            .join(", ")}) AS k(of, key)
        WHERE NOT EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
          WHERE i.indrelid = to_regclass(k.of) AND c.relname = k.key AND i.indisunique AND i.indisvalid)`,
        },
      ],
    },
    {
      number: 30,
      name: "no track goes back",
      look: "the timeline around that entry: an old fact was taken for news",
      questions: [
        {
          reads: ["resolution"],
          sql: `SELECT 'the goods went back' AS what, * FROM (
          SELECT t.resolution_id, t.sequence, t.name, r.rank, lag(r.rank) OVER (
            PARTITION BY t.resolution_id ORDER BY t.sequence) AS before
          FROM ${res}.timeline t JOIN (VALUES ${ranks.join(", ")}) AS r(word, rank) ON r.word = t.goods) moves
        WHERE rank < before AND name <> 'Reopened'`,
        },
        {
          reads: ["collection"],
          sql: `SELECT 'handed over, and back at the customer''s' AS what, collection_id, state, hand_over_time
        FROM ${collection}.collection WHERE (hand_over_time IS NOT NULL) <> (state IN (${quoted(scanned)}))
          OR (state = 'DELIVERED') <> (deliver_time IS NOT NULL)`,
        },
        {
          reads: ["inspection"],
          sql: `SELECT 'received, and expected again' AS what, inspection_id, state, receive_time
        FROM ${inspection}.inspection WHERE receive_time IS NOT NULL AND state NOT IN ('REGISTERED', 'INSPECTED')`,
        },
        {
          reads: ["resolution", "outreach"],
          sql: `SELECT 'told of what has not happened' AS what, f.resolution_id, f.last_sequence, r.entries
        FROM ${outreach}.feed f LEFT JOIN ${res}.resolution r USING (resolution_id)
        WHERE f.last_sequence > coalesce(r.entries, 0)`,
        },
      ],
    },
    {
      number: 35,
      name: "a lease is held by one, and its epoch only goes up",
      look: "the step's row, and which replica wrote it without its lease: services/_kit/agenda.ts",
      questions: [
        {
          reads: services,
          sql: `${ofEach(
            services,
            (
              service,
            ) => `SELECT 'claimed without an epoch' AS what, agenda_id AS id, attempt, lease_epoch FROM ${of(service)}.agenda
        WHERE attempt > lease_epoch OR lease_until IS NOT NULL AND lease_epoch = 0`,
          )}
      UNION ALL SELECT 'claimed without an epoch', subscription_id || '/' || lane, 0, lease_epoch FROM ${outreach}.lane
        WHERE lease_until IS NOT NULL AND lease_epoch = 0`,
        },
        {
          reads: services,
          says: ["an epoch went down"],
          ask: (asking) =>
            wentDown(
              asking,
              `${ofEach(services, (service) => `SELECT agenda_id AS id, lease_epoch AS epoch FROM ${of(service)}.agenda`)}
              UNION ALL SELECT subscription_id || '/' || lane, lease_epoch FROM ${outreach}.lane`,
            ),
        },
      ],
    },
  ];
}

/** Only who asks again can see that something went down. */
async function wentDown({ query, memory }: Asking, epochs: string): Promise<object[]> {
  const rows = await query<{ id: string; epoch: number }>(epochs);
  const down = rows.flatMap(({ id, epoch }) => {
    const before = memory.get(id) ?? 0;
    return epoch < before ? [{ what: "an epoch went down", id, before, epoch }] : [];
  });
  memory.clear();
  for (const { id, epoch } of rows) memory.set(id, epoch);
  return down;
}
