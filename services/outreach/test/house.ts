// Deliveries on a real Postgres, with subscribers and time of the test's own: three days pass in a moment.
import { randomBytes } from "node:crypto";
import { MoneyState, ResolutionState } from "#gen/backhaul/resolution/v1/resolution.js";
import { Progress, ResolutionProgressed } from "#gen/backhaul/resolution/v1/resolution_events.js";
import { ownCall } from "#kit/call.js";
import { newId } from "#kit/ids.js";
import { createLog } from "#kit/log.js";
import { migrate } from "#kit/migrate.js";
import { openDatabase } from "#kit/postgres.js";
import { openStage } from "#kit/testing/stage.js";
import { subscribe, type Wishes } from "../core/subscription.js";
import type { Answer, Delivery } from "../core/types.js";
import { openDeliveries } from "../deliveries.js";
import { openDisabling } from "../disabling.js";
import { type DispatchParts, openDispatch } from "../dispatch.js";
import { outreachFacts } from "../events.js";
import { openFeed } from "../feed.js";
import { openLanes } from "../lanes.js";
import { openPace } from "../pace.js";
import type { Post } from "../post.js";
import { openSeal } from "../sealing.js";
import { newSecret } from "../signature.js";
import { openSubscriptions } from "../subscriptions.js";

export const leaseMs = 20_000;

export type House = Awaited<ReturnType<typeof openHouse>>;

/** A request as a subscriber got it. */
export type Got = { readonly url: string; readonly id: string; readonly headers: Readonly<Record<string, string>> };

export const answered = (status: number, retryAfterMs?: number): Answer => {
  return { status, latencyMs: 1, error: status === 0 ? "ECONNRESET" : "", head: "", retryAfterMs };
};

/** A way to say what subscribers answer; what they got is kept. */
export function subscribers(answer: (got: Got) => Answer | Promise<Answer>): {
  readonly post: Post;
  readonly got: Got[];
} {
  const got: Got[] = [];
  const post: Post = async (url, headers) => {
    const one = { url, id: headers["webhook-id"] ?? "", headers };
    got.push(one);
    return answer(one);
  };
  return { post, got };
}

/** The history of a resolution: as many public entries as asked for. */
export function history(length: number): Progress[] {
  return Array.from({ length }, (_, i) =>
    Progress.fromPartial({
      sequence: BigInt(i + 1),
      name: "ParcelDelivered",
      state: ResolutionState.RESOLUTION_STATE_OPEN,
      money: MoneyState.MONEY_STATE_WAITING,
      createTime: new Date("2027-01-01T00:00:00Z"),
      applied: true,
    }),
  );
}

export async function openHouse() {
  const stage = await openStage();
  const { DATABASE_URL: url = "", DATABASE_SCHEMA: schema = "" } = stage.env("outreach");
  const db = openDatabase({ url, schema, poolSize: 8 });
  await migrate(db, new URL("../prisma/migrations/", import.meta.url));
  let time = new Date("2026-11-23T12:00:00Z").getTime();
  const clock = { now: () => new Date(time) };
  const clocks = { business: clock, real: clock };
  const followers = { now: clock.now, announce: () => {}, hasRoom: () => false, take: () => {} };
  const subscriptions = openSubscriptions(db, followers, 50);
  const deliveries = openDeliveries(db, followers);
  const feed = openFeed(db, followers, clock);
  const lanes = openLanes(db, leaseMs);
  const seal = openSeal({ newest: "test", keys: new Map([["test", randomBytes(32)]]) });
  const records = new Map<string, readonly Progress[]>();
  const reads: string[] = [];
  const query = <R>(text: string, values: readonly unknown[] = []): Promise<R[]> =>
    db.query<R>({ name: "", text }, values);
  const request = () => {
    return {
      kind: "request",
      principal: "OPERATOR:olga",
      requestId: newId("req"),
      fingerprint: Buffer.alloc(1),
    } as const;
  };
  const spend = <T>() => ({
    token: request(),
    answer: (it: T) => it,
    keep: () => Buffer.alloc(0),
    recall: () => {
      throw new Error("asked once");
    },
  });
  const facts = outreachFacts({
    feed,
    db,
    followers,
    notices: "off",
    quiet: new Map(),
    pace: openPace(),
    resolution: {
      listTimeline: async ({ resolutionId }) => {
        reads.push(resolutionId);
        const entries = (records.get(resolutionId) ?? []).map((it) => ({
          ...it,
          text: "",
          texts: {},
          actor: "",
          actorRole: 0,
        }));
        return { entries, nextPageToken: "" };
      },
    },
    clocks,
    poke: () => {},
  });
  const hear = facts["backhaul.resolution.v1.ResolutionProgressed"]!;

  return {
    db,
    query,
    clock,
    lanes,
    seal,
    subscriptions,
    deliveries,
    spend,
    reads,
    pass: (ms: number) => {
      time += ms;
    },

    /** Subscribes; gives the id and the secret. */
    subscribe: async (more: Partial<Wishes> = {}, sellerId = ""): Promise<{ id: string; secret: string }> => {
      const wishes = {
        url: `https://${newId("hst").toLowerCase()}.example/`,
        description: "",
        eventTypes: [],
        markets: [],
        ...more,
      };
      const subscriptionId = newId("whs");
      const secret = newSecret();
      const whose = { subscriptionId, sellerId, secret: seal.seal(subscriptionId, secret) };
      await subscriptions.create(spend(), async () => subscribe(wishes, whose, clock.now()));
      return { id: subscriptionId, secret };
    },

    /** What the record has of a resolution, and the facts that tell it, one for each entry. */
    record: (resolutionId: string, entries: readonly Progress[]) => {
      records.set(resolutionId, entries);
      const common = { resolutionId, orderId: "ord_1", market: "KR", kind: 2, sellerIds: ["s-1"] };
      return entries.map((entry) => ({
        id: newId("evt"),
        fact: ResolutionProgressed.fromPartial({ ...common, entries: [entry] }),
      }));
    },

    /** Takes a fact in as the bus brings it. */
    hear: ({ id, fact }: { readonly id: string; readonly fact: ResolutionProgressed }): Promise<void> =>
      hear({ eventId: id, subject: "", body: ResolutionProgressed.encode(fact).finish() }, ownCall("outreach")),

    /** A replica that sends. */
    replica: (post: Post, more: Partial<DispatchParts> = {}) =>
      openDispatch({
        lanes,
        post,
        seal,
        clocks,
        log: createLog("outreach", "silent"),
        random: () => 0.5,
        shares: { perSubscription: 4, perSeller: 8 },
        atOnce: 64,
        disableAfterMs: 5 * 86_400_000,
        disable: openDisabling(subscriptions, clock),
        ...more,
      }),

    /** When something is due next; undefined if nothing ever is. */
    nextDue: async (): Promise<Date | undefined> => {
      const [row] = await query<{ due: Date | null }>(
        `SELECT min(greatest(due_time, coalesce(lease_until, due_time))) AS due FROM lane
          JOIN subscription USING (subscription_id) WHERE due_time IS NOT NULL AND state = 'ACTIVE'`,
      );
      return row?.due ?? undefined;
    },
    deliveriesOf: async (id: string): Promise<Delivery[]> =>
      (await deliveries.list(id, { state: undefined, lane: undefined }, { pageSize: 100, pageToken: "" })).rows,

    /** Nobody is left to tell. */
    clear: async () => {
      await query("UPDATE subscription SET state = 'DELETED'");
      await query("DELETE FROM lane");
      reads.length = 0;
    },
    close: async () => {
      await subscriptions.close();
      await db.close();
      await stage.close();
    },
  };
}
