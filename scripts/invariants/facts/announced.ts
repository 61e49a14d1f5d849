// From the row to the bus: 26 and 27.
import { type Around, type Invariant, ofEach, services } from "../invariant.js";

/** What must have been announced of a row: the service, the fact, its time, of which rows, and what may be in its place. */
const announcements: readonly (readonly string[])[] = [
  ["resolution", "ResolutionRequested", "r.create_time", "true"],
  ["resolution", "ResolutionProgressed", "r.create_time", "true"],
  ["resolution", "ResolutionEnded", "r.close_time", "r.close_time IS NOT NULL"],
  ["refund", "RefundGranted", "r.create_time", "true"],
  // Of declined goodwill nobody is told.
  [
    "refund",
    "RefundSucceeded",
    "r.settle_time",
    "r.state = 'SUCCEEDED' OR r.state = 'VOIDED' AND r.origin <> 'GOODWILL'",
  ],
  // Called off while a carrier was asked, it has a booking and was never scheduled, even if the driver was faster.
  [
    "collection",
    "CollectionScheduled",
    "r.create_time",
    "r.booking_id IS NOT NULL AND r.state NOT IN ('CREATED', 'CANCELED')",
    "CollectionCanceled",
  ],
  ["collection", "ParcelPickedUp", "r.hand_over_time", "r.hand_over_time IS NOT NULL"],
  ["inspection", "ParcelReceived", "r.receive_time", "r.receive_time IS NOT NULL"],
  ["inspection", "InspectionCompleted", "r.complete_time", "r.complete_time IS NOT NULL"],
];

export function announcedInvariants({ of, now, grace }: Around): Invariant[] {
  /** An outbox forgets what it has published after 14 days, real time; business time is never behind it. */
  const remembered = (time: string) => `${time} > ${now} - interval '13 days'`;

  return [
    {
      number: 26,
      name: "what happened is announced, and what is announced happened",
      look: "the aggregate's outbox rows and the commit that wrote it: services/_kit/commit.ts writes both or neither",
      questions: [
        {
          reads: ["resolution", "refund", "collection", "inspection"],
          sql: ofEach(
            announcements,
            ([
              service = "",
              name = "",
              time = "",
              where,
              instead = name,
            ]) => `SELECT 'not announced' AS what, '${name}' AS fact, r.${service}_id AS id
        FROM ${of(service)}.${service} r WHERE (${where}) AND ${remembered(time)} AND NOT EXISTS (
          SELECT FROM ${of(service)}.outbox o WHERE o.aggregate_id = r.${service}_id
            AND o.subject IN ('backhaul.${service}.v1.${name}', 'backhaul.${service}.v1.${instead}'))`,
          ),
        },
        {
          reads: ["resolution", "refund", "collection", "inspection"],
          sql: ofEach(
            [
              ["resolution", "res"],
              ["refund", "rfd"],
              ["collection", "col"],
              ["inspection", "ins"],
            ],
            ([
              service = "",
              prefix,
            ]) => `SELECT 'announced, and never happened' AS what, o.subject, o.event_id, o.aggregate_id
        FROM ${of(service)}.outbox o WHERE o.aggregate_id ~ '^${prefix}_' AND NOT EXISTS (
          SELECT FROM ${of(service)}.${service} r WHERE r.${service}_id = o.aggregate_id)`,
          ),
        },
      ],
    },
    {
      number: 27,
      name: "no fact lies in an outbox, and what is published is known where",
      look: "npm run operator -- flow: is the bus there, and how old is the oldest fact? The services' logs say why it does not take it",
      underWay: true,
      questions: [
        {
          reads: services,
          sql: ofEach(
            services,
            (service) => `SELECT 'lies there' AS what, event_id, subject, create_time FROM ${of(service)}.outbox
        WHERE publish_time IS NULL AND create_time < now() - ${grace}
      UNION ALL SELECT 'published, and nobody knows where', event_id, subject, create_time FROM ${of(service)}.outbox
        WHERE publish_time IS NOT NULL AND (stream_seq IS NULL OR stream_created IS NULL)`,
          ),
        },
        {
          reads: [...services, "streams"],
          says: ["published in a stream that is gone"],
          ask: async ({ query, bus }) => {
            const live = new Map((await bus?.streams())?.map((info) => [info.config.name, info]));
            const values = services.map((service) => live.get(service.toUpperCase()));
            return query(
              ofEach(
                [...services.entries()],
                ([
                  i,
                  service,
                ]) => `SELECT 'published in a stream that is gone' AS what, event_id, subject, stream_created,
                stream_seq FROM ${of(service)}.outbox WHERE publish_time < now() - ${grace}
                AND (stream_created <> ($1::text[])[${i + 1}] OR stream_seq > ($2::bigint[])[${i + 1}])`,
              ),
              [values.map((info) => info?.created ?? ""), values.map((info) => info?.state.last_seq ?? 0)],
            );
          },
        },
      ],
    },
  ];
}
