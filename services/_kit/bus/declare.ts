// Makes streams and consumers as declared.ts says, reads them back and mends what differs. Old servers ignore silently what
// they do not know, and anybody with a command line can change what is there.
import {
  type ConsumerInfo,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamInfo,
} from "@nats-io/jetstream";
import { type Difference, differences, type WantedConsumer, type WantedStream } from "./declared.js";

/** The server keeps something otherwise than it is asked to; somebody must look. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(
    readonly stream: string,
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * A service's own stream, as declared: made, mended where it differs.
 * @throws Refused if the server cannot or will not; whatever it answers if it cannot be asked
 */
export async function declareStream(jsm: JetStreamManager, wanted: WantedStream): Promise<StreamInfo> {
  const found = await ensureStream(jsm, wanted);
  const wrong = differences(found.config, wanted);
  if (wrong.length === 0) return found;
  const what = `stream ${wanted.name}`;
  const mended = await jsm.streams
    .update(wanted.name, wanted)
    .catch((error) => refuse(what, wanted.name, wrong, error));
  const still = differences(mended.config, wanted);
  if (still.length > 0) refuse(what, wanted.name, still);
  return mended;
}

/** A stream that others may declare otherwise, as whose facts we take in: made where there is none. */
export async function ensureStream(jsm: JetStreamManager, wanted: WantedStream): Promise<StreamInfo> {
  const found = await orNone(jsm.streams.info(wanted.name), JetStreamApiCodes.StreamNotFound);
  return found ?? jsm.streams.add(wanted);
}

/** A consumer, as declared. @throws as declareStream does */
export async function declareConsumer(
  jsm: JetStreamManager,
  stream: string,
  wanted: WantedConsumer,
): Promise<ConsumerInfo> {
  const name = wanted.durable_name;
  const found =
    (await orNone(jsm.consumers.info(stream, name), JetStreamApiCodes.ConsumerNotFound)) ??
    (await jsm.consumers.add(stream, wanted));
  const wrong = differences(found.config, wanted);
  if (wrong.length === 0) return found;
  const what = `consumer ${name} of ${stream}`;
  const mended = await jsm.consumers.update(stream, name, wanted).catch((error) => refuse(what, stream, wrong, error));
  const still = differences(mended.config, wanted);
  if (still.length > 0) refuse(what, stream, still);
  return mended;
}

async function orNone<T>(asked: Promise<T>, none: number): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === none) return undefined;
    throw error;
  }
}

function refuse(what: string, stream: string, wrong: readonly Difference[], cause?: unknown): never {
  // A server that cannot be asked has refused nothing.
  if (cause !== undefined && !(cause instanceof JetStreamApiError)) throw cause;
  const [first] = wrong;
  const said = cause instanceof JetStreamApiError ? `: ${cause.message}` : "";
  const each = wrong.map((it) => `${it.field} ${JSON.stringify(it.found)}, not ${JSON.stringify(it.wanted)}`);
  throw new Refused(stream, first?.field ?? "", `${what} has ${each.join("; ")}, and the server keeps it so${said}`);
}
