// One fact from the bus, taken in: its handler's commit spends its id, and only then is it acknowledged. What cannot be taken
// in comes again or becomes a dead letter, and holds nobody up.
import type { JsMsg } from "@nats-io/jetstream";
import type { MsgHdrs } from "nats";
import type { Call } from "#kit/call.js";
import { failpoint } from "#kit/failpoint.js";
import type { Log } from "#kit/log.js";
import { measure, spanned, traceFrom } from "#kit/telemetry.js";
import type { FactHandlers, IncomingFact } from "./fact.js";
import type { Letters } from "./letters.js";
import { isAway, openPatience, Unreadable } from "./poison.js";

/** A message as it lies in a stream, however it was read. */
export type Lying = {
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: Pick<MsgHdrs, "get"> | undefined;
};

export type Intake = {
  take(message: JsMsg): Promise<void>;
  concerns(message: Lying): boolean;
  /** Takes in what the bus will not deliver again; what fails is a dead letter. @throws Error if that cannot be, either */
  takeLate(message: Lying, deliveries: number): Promise<void>;
};

export type IntakeParts = {
  readonly service: string;
  readonly handlers: () => FactHandlers;
  readonly deliveriesMax: number;
  readonly letters: Letters;
  readonly call: Call;
  /** Told the business time of each fact. */
  readonly reached?: ((time: Date) => void) | undefined;
  readonly log: Log;
};

export function openIntake({ service, handlers, deliveriesMax, letters, call, reached, log }: IntakeParts): Intake {
  const patience = openPatience(deliveriesMax);

  /** Not everything a service says concerns this one. */
  function concerns({ subject, headers }: Lying): boolean {
    return (handlers()[subject] ?? handlers()[headers?.get("ce-type") ?? ""]) !== undefined;
  }

  function readFact({ subject, body, headers }: Lying): IncomingFact {
    if ((headers?.get("ce-type") || subject) !== subject)
      throw new Unreadable("it came under another subject than it says");
    const eventId = headers?.get("ce-id") ?? "";
    if (eventId === "") throw new Unreadable("it has no id");
    reached?.(new Date(headers?.get("ce-time") ?? ""));
    return { eventId, subject, body };
  }

  async function handle(fact: IncomingFact): Promise<void> {
    const handler = handlers()[fact.subject];
    if (!handler) throw new Unreadable(`nobody here listens to ${fact.subject}`);
    failpoint("fact", fact.subject, "delivered");
    await handler(fact, call);
    failpoint("fact", fact.subject, "done");
  }

  async function take(message: JsMsg): Promise<void> {
    const lying = lyingOf(message);
    if (!concerns(lying)) {
      failpoint("fact", "unheard", "delivered");
      message.ack();
      failpoint("fact", "unheard", "acked");
      return;
    }
    const { subject } = message;
    const startedAt = performance.now();
    let outcome = "taken";
    await spanned(subject, "CONSUMER", traceFrom(message.headers?.get("traceparent")), async () => {
      let fact: IncomingFact | undefined;
      try {
        fact = readFact(lying);
        await handle(fact);
        patience.over(keyOf(lying));
        failpoint("fact", subject, "acking");
        message.ack();
        failpoint("fact", subject, "acked");
        log.debug({ subject, event_id: fact.eventId }, "fact taken in");
      } catch (error) {
        outcome = await refuse(message, fact ?? { ...lying, eventId: idOf(lying) }, error as Error);
      }
    });
    measure("fact", startedAt, { service, subject, outcome });
  }

  async function refuse(message: JsMsg, fact: IncomingFact, error: Error): Promise<string> {
    const deliveries = message.info.deliveryCount;
    const fields = { subject: fact.subject, event_id: fact.eventId, deliveries };
    const key = keyOf(lyingOf(message));
    const waitMs = patience.failed(key, error, performance.now());
    if (waitMs !== undefined) {
      log.info({ ...fields, error }, "fact comes again");
      failpoint("fact", fact.subject, "refused");
      message.nak(waitMs);
      failpoint("fact", fact.subject, "returned");
      return "again";
    }
    try {
      await letters.bury({ ...fact, deliveries }, error);
      patience.over(key);
      failpoint("fact", fact.subject, "buried");
      // Without a word of why: servers before 2.10.4 would not understand it, and deliver the fact again.
      message.term();
      failpoint("fact", fact.subject, "ended");
      log.error({ ...fields, error }, "fact became a dead letter");
      return "dead letter";
    } catch {
      // Without a database it can be neither taken in nor buried: the broker keeps it.
      failpoint("fact", fact.subject, "refused");
      message.nak(5_000);
      failpoint("fact", fact.subject, "returned");
      return "again";
    }
  }

  return {
    take,
    concerns,
    takeLate: async (message, deliveries) => {
      const { subject, body } = message;
      const eventId = idOf(message);
      try {
        await handle(readFact(message));
      } catch (error) {
        if (isAway(error)) throw error;
        await letters.bury({ eventId, subject, body, deliveries }, error);
        log.error({ subject, event_id: eventId, deliveries, error }, "fact became a dead letter");
      }
    },
  };
}

/** What stands for the id of a message that says none: its place. */
export const idOf = (message: Lying): string => message.headers?.get("ce-id") || keyOf(message);

const keyOf = ({ stream, sequence }: Lying): string => `${stream}:${sequence}`;

function lyingOf(message: JsMsg): Lying {
  const { stream, streamSequence: sequence } = message.info;
  return { stream, sequence, subject: message.subject, body: message.data, headers: message.headers };
}
