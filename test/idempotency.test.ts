import assert from "node:assert/strict";
import pg from "pg";
import { registry } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import { buildRoutes, type Route } from "../gateway/routes.js";
import { type Mesh, openMesh, type ServiceName } from "./mesh.js";
import { type Backstage, openBackstage } from "./posts/backstage.js";
import { collectionPosts } from "./posts/collection.js";
import { deskPosts } from "./posts/desk.js";
import { deskActPosts } from "./posts/deskActs.js";
import { eligibilityPosts } from "./posts/eligibility.js";
import { inspectionPosts } from "./posts/inspection.js";
import { outreachPosts } from "./posts/outreach.js";
import { peoplePosts } from "./posts/people.js";
import type { Post, Posts } from "./posts/post.js";
import { refundPosts } from "./posts/refund.js";
import { resolutionPosts } from "./posts/resolution.js";
import { sellerPosts } from "./posts/sellers.js";
import { openShop, type Shop } from "./shop.js";

const posts: Posts = {
  ...collectionPosts,
  ...deskPosts,
  ...deskActPosts,
  ...eligibilityPosts,
  ...inspectionPosts,
  ...outreachPosts,
  ...peoplePosts,
  ...refundPosts,
  ...resolutionPosts,
  ...sellerPosts,
};

const nameOf = ({ verb, template }: Route) => `${verb} ${template.text}`;
const changes = buildRoutes(registry).filter((route) => route.verb === "POST" && route.requestId);

describe("every POST that changes something, and its Idempotency-Key", function () {
  this.timeout(120_000);
  let mesh: Mesh;
  let shop: Shop;
  let backstage: Backstage;
  let db: pg.Client;
  before(async () => {
    // Its books are made to disagree, for somebody to explain.
    mesh = await openMesh({ settings: { reconciler: { RECONCILE_PAUSE_MS: "0" } }, leftSound: false });
    shop = await openShop(mesh.doors);
    backstage = await openBackstage(mesh);
    db = new pg.Client(mesh.stage.databaseUrl);
    await db.connect();
  });
  after(async () => {
    backstage?.close();
    shop?.close();
    await db?.end();
    await mesh?.stop();
  });

  type Answer = {
    readonly status: number;
    readonly replayed: boolean;
    readonly text: string;
    readonly reason: string;
    /** Of what is told once. */
    readonly secret: string;
  };
  const send = async (post: Omit<Post, "other">, key: string | undefined): Promise<Answer> => {
    const response = await fetch(`${mesh.gatewayUrl}${post.path}`, {
      method: "POST",
      headers: {
        ...(post.role && { authorization: `Bearer ${await mesh.doors.token(post.role, post.who)}` }),
        "content-type": "application/json",
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      body: JSON.stringify(post.body),
    });
    const text = await response.text();
    const reason = response.ok ? "" : (JSON.parse(text) as { reason: string }).reason;
    const told = { status: response.status, replayed: response.headers.has("idempotent-replayed"), reason };
    if (!response.ok || !post.toldOnce) return { ...told, text, secret: "" };
    const { [post.toldOnce]: secret, ...rest } = JSON.parse(text);
    return { ...told, text: JSON.stringify(rest), secret };
  };
  /** How often it has happened by the books: entries of the caller's in the service's audit trail, and rows that it makes. */
  async function effects(route: Route, post: Post): Promise<readonly [acts: number, rows: number]> {
    const [, domain = "", rpc = ""] = /^.backhaul\.(\w+)\.(.*)$/.exec(route.path) ?? [];
    const schema = db.escapeIdentifier(mesh.env(domain as ServiceName).DATABASE_SCHEMA ?? "");
    const count = async (from: string, values: string[] = []): Promise<number> =>
      (await db.query(`SELECT count(*)::int AS n FROM ${schema}.${from}`, values)).rows[0].n;
    const caller = `${post.role ?? "GUEST"}:${post.who}%`;
    const acts = await count("audit WHERE rpc = $1 AND principal LIKE $2", [`backhaul.${domain}.${rpc}`, caller]);
    return [acts, post.makes ? await count(db.escapeIdentifier(post.makes)) : 0];
  }

  it("has a request here that it takes", () => {
    const names = changes.map(nameOf);
    const told = Object.keys(posts);
    assert.deepEqual(
      names.filter((name) => !told.includes(name)),
      [],
      "give each a request under test/posts/",
    );
    assert.deepEqual(
      told.filter((name) => !names.includes(name)),
      [],
      "there is no such POST any more",
    );
  });

  for (const [name, make] of Object.entries(posts)) {
    it(name, async () => {
      const route = changes.find((one) => nameOf(one) === name) as Route;
      const post = await make(shop, backstage);
      const key = newId("key");

      const missing = await send(post, undefined);
      assert.deepEqual([missing.status, missing.reason], [400, "IDEMPOTENCY_KEY_MISSING"]);
      for (const bad of ["k".repeat(129), "k k", "k/1"]) {
        const { status, reason } = await send(post, bad);
        assert.deepEqual([status, reason], [400, "INVALID_REQUEST"], bad.slice(0, 5));
      }
      // What was not understood has spent nothing: the same key goes on to the request that was meant.
      const garbled = await send({ ...post, body: { ...post.body, nobodyKnowsThis: 1 } }, key);
      assert.deepEqual([garbled.status, garbled.reason], [400, "MALFORMED_BODY"]);
      const path = post.path.replace(/_[0-9A-HJKMNP-TV-Z]{26}/, "_x");
      if (path.startsWith("/v1/") && path !== post.path) {
        const broken = await send({ ...post, path }, key);
        assert.ok(broken.status === 400 || broken.status === 404, `${broken.status} ${broken.reason}`);
      }

      const before = await effects(route, post);
      const eight = await Promise.all(Array.from({ length: 8 }, () => send(post, key)));
      assert.deepEqual(
        eight.map(({ status }) => status),
        Array(8).fill(200),
        eight[0]?.text,
      );
      assert.equal(new Set(eight.map(({ text }) => text)).size, 1, "all get the same answer");
      assert.equal(eight.filter(({ replayed }) => !replayed).length, 1, "one happened, the others waited for it");

      if (post.toldOnce)
        for (const { replayed, secret } of eight) assert.equal(secret !== "", !replayed, "the secret is told once");
      const [acts, rows] = (await effects(route, post)).map((n, i) => n - (before[i] ?? 0));
      assert.deepEqual([acts, rows], [1, post.makes ? 1 : 0], "it happened once");

      const again = await send(post, key);
      assert.deepEqual([again.status, again.replayed, again.text], [200, true, eight[0]?.text]);

      if (post.other.path ?? post.other.body) {
        const other = await send({ ...post, ...post.other }, key);
        assert.deepEqual([other.status, other.reason, other.replayed], [422, "REQUEST_ID_REUSED", false], other.text);
      }
      if (post.role === undefined) return;
      const somebody = await send({ ...post, who: `${post.who}-2` }, key);
      assert.ok(!somebody.replayed && somebody.reason !== "REQUEST_ID_REUSED", "keys are the caller's own");
    });
  }
});
