// What the server says of this service's consumers: it gave a message up, or was told to end it. That is said once, to whoever
// listens just then, so a stream keeps it. Whatever is neither consumed nor a dead letter then is taken in, or becomes one.
import type { JetStreamManager, JsMsg } from "@nats-io/jetstream";
import { failpoint } from "#kit/failpoint.js";
import type { Log } from "#kit/log.js";
import { counted } from "#kit/telemetry.js";
import { type Intake, idOf } from "./intake.js";
import type { Letters } from "./letters.js";
import { readLying } from "./reading.js";

/** What of an advisory is read; both kinds have these. */
type Advisory = {
  readonly consumer: string;
  readonly stream: string;
  readonly stream_seq: number;
  readonly deliveries: number;
};

export type AdvisoryParts = {
  readonly service: string;
  readonly manager: () => JetStreamManager | undefined;
  readonly intake: Intake;
  readonly letters: Letters;
  readonly log: Log;
};

/** Reads one; it comes again if it could not be acted on. */
export function advisoryReader({ service, manager, intake, letters, log }: AdvisoryParts) {
  async function act(message: JsMsg): Promise<void> {
    const { consumer, stream, stream_seq: sequence, deliveries } = message.json<Advisory>();
    if (consumer !== service) return;
    const kind = message.subject.includes("MAX_DELIVERIES") ? "MAX_DELIVERIES" : "MSG_TERMINATED";
    const jsm = manager();
    if (!jsm) throw new Error("the bus is away");
    const [lying] = await readLying(jsm, stream, [sequence]);
    if (!lying || (await letters.known([idOf(lying)])).has(idOf(lying))) return;
    if (!intake.concerns(lying)) return;
    log.error({ stream, subject: lying.subject, sequence, deliveries, reason: kind }, "the server gave a fact up");
    counted("fact_given_up", 1, { service, subject: lying.subject, kind });
    await intake.takeLate(lying, deliveries);
  }

  return async (message: JsMsg): Promise<void> => {
    try {
      await act(message);
      failpoint("fact", "advisory", "done");
      message.ack();
      failpoint("fact", "advisory", "acked");
    } catch (error) {
      log.info({ error }, "advisory comes again");
      failpoint("fact", "advisory", "refused");
      message.nak(5_000);
      failpoint("fact", "advisory", "returned");
    }
  };
}
