// Where seals are published: places that whoever holds the database need not hold too. A seal that stands there and not in
// the database was cut off; one that stands there otherwise was replaced.
import { appendFile, readFile } from "node:fs/promises";
import { type JetStreamManager, jetstream, jetstreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { failpoint } from "#kit/failpoint.js";
import type { Seal } from "./seal.js";

export type Place = {
  readonly name: string;
  /** The number of the last seal of a service that stands there, 0 for none; undefined while it is away. */
  last(service: string): Promise<number | undefined>;
  /** A seal that is put twice stands there twice, and says the same. */
  put(service: string, seal: Seal): Promise<void>;
  /** All of a service, in the order in which they were put. */
  all(service: string): Promise<Seal[]>;
};

const stream = "AUDIT_SEALS";
const subjectOf = (service: string) => `audit.seal.${service}`;

/** The stream AUDIT_SEALS, from which nothing can be deleted by its clients. */
export function streamPlace(connection: () => NatsConnection | undefined): Place {
  let declared: { readonly nc: NatsConnection; readonly manager: JetStreamManager } | undefined;

  async function ready() {
    const nc = connection();
    if (!nc || nc.isClosed()) return undefined;
    if (declared?.nc === nc) return declared;
    const manager = await jetstreamManager(nc, { timeout: 2_000 });
    await manager.streams.info(stream).catch(() =>
      manager.streams.add({
        name: stream,
        subjects: [subjectOf("*")],
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        deny_delete: true,
        deny_purge: true,
      }),
    );
    declared = { nc, manager };
    return declared;
  }

  return {
    name: stream,
    last: async (service) => {
      const there = await ready();
      if (!there) return undefined;
      const message = await there.manager.streams.getMessage(stream, { last_by_subj: subjectOf(service) });
      return message ? fromText(message.string()).number : 0;
    },
    put: async (service, seal) => {
      const there = await ready();
      if (!there) throw new Error("the bus is away");
      failpoint("seal", "stream", "before");
      await jetstream(there.nc, { timeout: 5_000 }).publish(subjectOf(service), toText(service, seal));
      failpoint("seal", "stream", "after");
    },
    all: async (service) => {
      const there = await ready();
      if (!there) throw new Error("the bus is away");
      const options = { filter_subjects: subjectOf(service) };
      const consumer = await jetstream(there.nc).consumers.get(stream, options);
      const { num_pending: pending } = await consumer.info();
      const seals: Seal[] = [];
      if (pending === 0) return seals;
      const messages = await consumer.consume();
      for await (const message of messages) {
        seals.push(fromText(message.string()));
        if (message.info.pending === 0) break;
      }
      return seals;
    },
  };
}

/** A file, a line each; on a disk of its own, or one that something ships elsewhere. */
export function filePlace(file: string): Place {
  async function all(service: string): Promise<Seal[]> {
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    const lines = text.split("\n").filter((line) => line !== "");
    return lines.filter((line) => JSON.parse(line).service === service).map(fromText);
  }
  return {
    name: file,
    last: async (service) => (await all(service)).at(-1)?.number ?? 0,
    put: async (service, seal) => {
      failpoint("seal", "file", "before");
      await appendFile(file, `${toText(service, seal)}\n`, { mode: 0o600, flush: true });
      failpoint("seal", "file", "after");
    },
    all,
  };
}

function toText(service: string, { number, entries, digest, previousHash, untilTime, hash, mac }: Seal): string {
  const hex = (bytes: Buffer) => bytes.toString("hex");
  const hashes = { digest: hex(digest), previousHash: hex(previousHash), hash: hex(hash), mac: hex(mac) };
  return JSON.stringify({ service, number, entries, untilTime, ...hashes });
}

function fromText(text: string): Seal {
  const { number, entries, untilTime, digest, previousHash, hash, mac } = JSON.parse(text);
  const bytes = (hex: string) => Buffer.from(hex, "hex");
  const hashes = { digest: bytes(digest), previousHash: bytes(previousHash), hash: bytes(hash), mac: bytes(mac) };
  return { number, entries, untilTime: new Date(untilTime), ...hashes };
}
