// Server-side request forgery through the one thing that callers may have the mesh connect to: webhooks. Attacked as it runs
// in production, where they go to the public internet alone.
import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { freePorts } from "#kit/local/ports.js";
import { until } from "#kit/testing/peers.js";
import { readGatewayConfig } from "../../gateway/config.js";
import * as gateway from "../../gateway/service.js";
import { readOutreachConfig } from "../../services/outreach/config.js";
import { openPost } from "../../services/outreach/post.js";
import * as outreach from "../../services/outreach/service.js";
import { openTargets } from "../../services/outreach/targets.js";
import { type Doors, openShop } from "../shop.js";
import type { Stand } from "./stand.js";

const seller = ["SELLER", "seller-forger"] as const;
const base = "/v1/webhook-subscriptions";

/** What a forger would like to reach, in all the ways to write it. */
const inside = [
  "https://127.0.0.1/",
  "https://localhost/",
  "https://localhost./",
  "https://[::1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://2130706433/",
  "https://0x7f.1/",
  "https://0177.0.0.1/",
  "https://0.0.0.0/",
  "https://169.254.169.254/latest/meta-data/",
  "https://[fd00:ec2::254]/latest/meta-data/",
  "https://[fe80::1]/",
  "https://10.0.0.1/",
  "https://172.16.0.1/",
  "https://192.168.0.1/",
  "https://100.64.0.1/",
  "https://no-such-host.invalid/",
  "http://93.184.216.34/",
  "https://93.184.216.34:6379/",
  "https://somebody:secret@93.184.216.34/",
  "https://93.184.216.34#@127.0.0.1/",
  "file:///etc/passwd",
  "gopher://127.0.0.1:6379/_FLUSHALL",
  "//169.254.169.254/",
];

/** A door of ours that nobody outside may have us knock at; counts who knocks. */
async function openSecretDoor() {
  let knocks = 0;
  const server = createServer((socket) => {
    knocks++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, knocks: () => knocks, close: () => server.close() };
}

/** Attacks by URLs that are entered, by one that leads inside only later, and by a name that is rebound. */
export async function attackWebhooks({ mesh, shop }: Stand): Promise<void> {
  const door = await openSecretDoor();
  const secret = `https://127.0.0.1:${door.port}/`;
  // Where webhooks may go to this machine it is taken: it stands for a name that led to the internet when it was entered.
  const { status, json } = await shop.rest(...seller, "POST", base, { url: secret });
  assert.equal(status, 200, JSON.stringify(json));
  const own = `${base}/${json.subscription.subscriptionId}`;

  await mesh.stopService("outreach");
  const [port] = await freePorts(1);
  const guarded = { WEBHOOK_REACH: "public", WEBHOOK_PORTS: `443,${door.port}`, PORT: String(port) };
  const service = await outreach.start(readOutreachConfig({ ...mesh.env("outreach"), ...guarded }));
  const elsewhere = { OUTREACH_ADDRESS: `127.0.0.1:${port}`, PORT: "0" };
  const edge = await gateway.start(readGatewayConfig({ ...mesh.env("gateway"), ...elsewhere }));
  const doors: Doors = { ...mesh.doors, gatewayUrl: `http://127.0.0.1:${edge.port}` };
  const outside = await openShop(doors);
  try {
    for (const url of [...inside, secret]) {
      for (const [path, body] of [
        [base, { url }],
        [`${own}:update`, { url, active: true }],
      ] as const) {
        const answer = await outside.rest(...seller, "POST", path, body);
        assert.deepEqual([answer.status, answer.json.reason], [400, "WEBHOOK_URL_REFUSED"], `${path} ${url}`);
      }
    }
    const { json: sent } = await outside.rest(...seller, "POST", `${own}:ping`, {});
    const [attempt] = await until("it was tried", async () => {
      const { json: seen } = await outside.rest(...seller, "GET", `${own}/deliveries/${sent.deliveryId}`);
      return seen.attempts.length > 0 && seen.attempts;
    });
    assert.match(attempt.error, /not on the public internet/, "it is looked at again before it is sent");

    const answers = ["93.184.216.34", "127.0.0.1"];
    const rebound = async () => [{ address: answers.shift() ?? "127.0.0.1", family: 4 }];
    const targets = openTargets({ reach: "public", ports: [door.port] }, rebound);
    const name = `https://rebound.example:${door.port}/`;
    assert.equal((await targets.check(name)).at.address, "93.184.216.34");
    assert.match((await openPost(targets, 5000)(name, {}, "{}")).error, /not on the public internet/);
    assert.equal(door.knocks(), 0, "nobody knocked at a door of ours");
  } finally {
    outside.close();
    door.close();
    await edge.stop();
    await service.stop();
    await mesh.startService("outreach");
  }
}
