// Servers that keep what they are given: 34.
import type { StreamConfig } from "@nats-io/jetstream";
import { differences, factConsumer, factStream, streamName } from "#kit/bus/declared.js";
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
    const stream = streamName(service);
    const config = live.get(stream);
    if (!config) return [{ what: "a stream is not there", stream }];
    const fields = differences(config, factStream(service, sizesOf(config)));
    return fields.map((field) => ({ what: "a stream is not as declared", stream, ...field }));
  });
  const sources = [...new Set(listeners.flatMap(sourcesOf))];
  const consumers = await Promise.all(
    sources
      .map((source) => [source, streamName(source)] as const)
      .filter(([, stream]) => live.has(stream))
      .map(async ([source, stream]) => {
        const there = new Map((await bus.consumers(stream)).map((info) => [info.name, info.config]));
        return listeners
          .filter((listener) => sourcesOf(listener).includes(source))
          .flatMap(({ consumer }) => {
            const config = there.get(consumer);
            if (!config) return [{ what: "a consumer is not there", stream, consumer }];
            const fields = differences(config, factConsumer(source, consumer));
            return fields.map((field) => ({ what: "a consumer is not as declared", stream, consumer, ...field }));
          });
      }),
  );
  return [...streams, ...consumers.flat()];
}

/** A shop's own choice is right as it is. */
function sizesOf({ num_replicas, max_bytes }: StreamConfig) {
  return { replicas: num_replicas, streamMb: max_bytes / (1024 * 1024) };
}
