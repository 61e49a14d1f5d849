// Servers that keep what they are given: 34.
import { isDeepStrictEqual } from "node:util";
import { consumerConfig, streamConfig } from "#kit/bus.js";
import type { Asking, Invariant } from "../invariant.js";
import { listeners, sourcesOf } from "./listeners.js";

/** Services with a stream of their own. */
const announcing = ["resolution", "eligibility", "collection", "inspection", "refund", "reconciler", "outreach"];

export function busInvariants(): Invariant[] {
  return [
    {
      number: 34,
      name: "streams and consumers are as they are declared, and Postgres loses no commit",
      look: "who changed it (nats stream info, SHOW); a service that starts declares its streams anew, or says what it will not take",
      questions: [
        {
          reads: ["settings"],
          sql: `SELECT 'Postgres may lose commits' AS what, name, setting FROM pg_settings
        WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting IN ('off', 'local')`,
        },
        {
          reads: ["streams"],
          says: [
            "a stream is not there",
            "a stream is not as declared",
            "a consumer is not there",
            "a consumer is not as declared",
          ],
          ask: compared,
        },
      ],
    },
  ];
}

async function compared({ bus }: Asking): Promise<object[]> {
  if (!bus) return [];
  const live = new Map((await bus.streams()).map((info) => [info.config.name, info.config]));
  const streams = announcing.flatMap((service) => {
    const declared = streamConfig(service);
    const config = live.get(declared.name);
    if (!config) return [{ what: "a stream is not there", stream: declared.name }];
    return differing(declared, config).map((field) => ({
      what: "a stream is not as declared",
      stream: declared.name,
      ...field,
    }));
  });
  const sources = [...new Set(listeners.flatMap(sourcesOf))].map(
    (source) => [source, streamConfig(source).name] as const,
  );
  const consumers = await Promise.all(
    sources
      .filter(([, stream]) => live.has(stream))
      .map(async ([source, stream]) => {
        const there = new Map((await bus.consumers(stream)).map((info) => [info.name, info.config]));
        return listeners
          .filter((listener) => sourcesOf(listener).includes(source))
          .flatMap(({ consumer }) => {
            const config = there.get(consumer);
            if (!config) return [{ what: "a consumer is not there", stream, consumer }];
            const fields = differing(consumerConfig(source, consumer), config);
            return fields.map((field) => ({ what: "a consumer is not as declared", stream, consumer, ...field }));
          });
      }),
  );
  return [...streams, ...consumers.flat()];
}

/** What was asked for and is not so. */
function differing(declared: object, live: object): { field: string; declared: unknown; live: unknown }[] {
  return Object.entries(declared).flatMap(([field, wanted]) => {
    const found = (live as Readonly<Record<string, unknown>>)[field];
    return isDeepStrictEqual(found, wanted) ? [] : [{ field, declared: wanted, live: found }];
  });
}
