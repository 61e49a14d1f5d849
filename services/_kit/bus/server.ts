// Whether a nats-server will do: for work at a desk from the one that Debian 12 ships, for
// people's money only where what is acknowledged is on the disks of three servers, or where somebody said that it need not be.
import { failpoint } from "#kit/failpoint.js";

/** The oldest that is spoken to at all. */
const oldest = "2.9.10";
/** The oldest for production: earlier ones lose streams when they are killed, or messages when a cluster changes. */
export const productionOldest = "2.12.3";

/** What a shop may take upon itself, in the words of NATS_ACCEPT. */
export const risks = ["old-server", "lazy-fsync", "single-node"] as const;
export type Risk = (typeof risks)[number];

/** Before it no server can be told to sync each message; only its filesystem can. */
export const canSyncAlways = (version: string): boolean => atLeast(version, "2.10.0");

/** "2.10.0-RC.1" is before 2.10.0. */
export function atLeast(version: string, floor: string): boolean {
  const [plain = "", early] = version.split("-");
  const [have, want] = [plain, floor].map((text) => text.split(".").map(Number));
  for (const [i, wanted] of (want ?? []).entries()) {
    const part = have?.[i] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return early === undefined;
}

/** What is known of a server. */
export type Seen = {
  readonly version: string;
  /** Whether each message is synced before it is acknowledged; undefined where nobody could be asked. */
  readonly syncAlways: boolean | undefined;
  readonly replicas: number;
};

export type Objection = { readonly risk: Risk; readonly says: string };

/** What speaks against a server in production. */
export function objections({ version, syncAlways, replicas }: Seen): Objection[] {
  const found: Objection[] = [];
  if (!atLeast(version, productionOldest))
    found.push({ risk: "old-server", says: `nats-server is ${version}; for production at least ${productionOldest}` });
  if (syncAlways !== true) {
    const why = canSyncAlways(version)
      ? "does not say that it has sync_interval: always; it is asked at NATS_MONITOR"
      : "cannot be told to sync each message";
    found.push({ risk: "lazy-fsync", says: `a power cut may take what it acknowledged: nats-server ${why}` });
  }
  if (replicas < 3)
    found.push({ risk: "single-node", says: `each message is kept by ${replicas}, not 3 servers: set NATS_REPLICAS` });
  return found;
}

/** A server that nothing is entrusted to. */
export class Unfit extends Error {
  override readonly name = "Unfit";
}

/** @throws Unfit that says each objection nobody accepted, and how it is */
export function judge(seen: Seen, production: boolean, accepted: readonly Risk[]): Objection[] {
  if (!atLeast(seen.version, oldest)) throw new Unfit(`nats-server is ${seen.version}; at least ${oldest} is needed`);
  if (!production) return [];
  const found = objections(seen);
  const open = found.filter(({ risk }) => !accepted.includes(risk));
  if (open.length > 0) {
    const words = open.map(({ risk }) => risk).join(",");
    throw new Unfit(
      `this NATS is not fit for production: ${open.map(({ says }) => says).join("; ")}. Who knows and wants it so: NATS_ACCEPT=${words}`,
    );
  }
  return found;
}

type Varz = { readonly jetstream?: { readonly config?: { readonly sync_always?: boolean } } };

/**
 * Whether all servers say that they sync each message, asked at their monitoring addresses.
 * @returns undefined if there is none to ask, or one does not answer
 */
export async function syncsAlways(monitors: readonly string[]): Promise<boolean | undefined> {
  if (monitors.length === 0) return undefined;
  const answers = await Promise.all(
    monitors.map(async (url) => {
      try {
        failpoint("http", "nats", "before");
        const answer = await fetch(new URL("/varz", url), { signal: AbortSignal.timeout(2_000) });
        const { jetstream } = (await answer.json()) as Varz;
        failpoint("http", "nats", "after");
        return jetstream?.config?.sync_always === true;
      } catch {
        return undefined;
      }
    }),
  );
  return answers.includes(undefined) ? undefined : answers.every((yes) => yes === true);
}
