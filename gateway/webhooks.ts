// Carriers report parcels here, signed by Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over id, time and the raw
// body. Behind the signature there are two routes like any other: to CollectionService/RecordTracking for who speaks our
// JSON, to RecordCarrierMessage for who sends a format of their own, whatever it is. Either is answered 2xx only when the
// service has committed what it says, so that a carrier sends again what was not.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { methodOf } from "#kit/contracts.js";
import { DomainError } from "#kit/pure/check.js";
import type { Door } from "./auth.js";
import { callUnary, partsOf } from "./edge.js";
import type { Counter } from "./rates.js";
import { bind, type Route } from "./routes.js";
import { decodeAnswer } from "./transcode.js";
import type { Upstream } from "./upstream.js";

/** The secrets a carrier may sign with: two while one takes over from the other. */
export type WebhookSecrets = ReadonlyMap<string, readonly Buffer[]>;

/** The three headers of the standard. */
export type SignatureHeaders = {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
};

const toleranceMs = 300_000;

// What an unknown carrier is held against, so that it takes as long as a known one.
const decoy = randomBytes(32);

/** A carrier's report in our words: what the route fills is bound as in a contract. */
const reportRoute = carrierRoute("RecordTracking", "/webhooks/carriers/{carrier}");
/** A carrier's message in its own format: the bytes as they came. */
const messageRoute = carrierRoute("RecordCarrierMessage", "/webhooks/carriers/{carrier}/messages");

/** The carriers' routes. */
export const carrierRoutes: readonly Route[] = [reportRoute, messageRoute];

function carrierRoute(rpc: string, path: string): Route {
  return bind(methodOf(`/backhaul.collection.v1.CollectionService/${rpc}`), {
    pattern: { case: "post", value: path },
    body: "*",
    responseBody: "",
    additionalBindings: [],
  });
}

type WebhookParts = {
  readonly secrets: WebhookSecrets;
  readonly door: Door;
  readonly counter: Counter;
  readonly upstream: Upstream;
  /** Real time: business time may run days ahead, a carrier's clock does not. */
  readonly nowMs: () => number;
};
type CarrierRequest = FastifyRequest<{ Params: { p0: string } }>;

/** Adds the carriers' routes. */
export function addWebhooks(app: FastifyInstance, { secrets, door, counter, upstream, nowMs }: WebhookParts): void {
  /** Lets the carrier in that signed this body. @throws DomainError WEBHOOK_SIGNATURE, RATE_LIMITED */
  async function admit(request: CarrierRequest, reply: FastifyReply): Promise<Buffer> {
    const carrier = request.params.p0;
    const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
    request.work.admitted = await counter.admitting(request, reply, async () => {
      verifySignature(secrets.get(carrier), signatureHeaders(request.headers), body, nowMs());
      return door.vouch({ subject: carrier, role: "CARRIER", via: "" });
    });
    counter.count("webhooks", carrier, reply);
    return body;
  }

  add(app, reportRoute, async (request, reply) => {
    await admit(request, reply);
    await callUnary(reportRoute, partsOf(request), request, reply, upstream);
    return reply.code(204).send();
  });

  // A scope of its own: elsewhere at the edge a body is JSON, or it is refused.
  app.register(async (scope) => {
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    add(scope, messageRoute, async (request, reply) => {
      const content = (await admit(request, reply)).toString("base64");
      const parts = { ...partsOf(request), body: Buffer.from(JSON.stringify({ content })) };
      const answer = decodeAnswer(messageRoute, await callUnary(messageRoute, parts, request, reply, upstream));
      if (!answer.acknowledgement) return reply.code(204).send();
      return reply.type("text/plain; charset=utf-8").send(answer.acknowledgement);
    });
  });
}

function add(
  app: FastifyInstance,
  route: Route,
  handler: (request: CarrierRequest, reply: FastifyReply) => Promise<FastifyReply>,
): void {
  app.route<{ Params: { p0: string } }>({
    method: route.verb,
    url: route.template.pattern,
    config: { template: route.template.text, route },
    handler,
  });
}

function signatureHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): SignatureHeaders {
  const one = (name: string) => (typeof headers[name] === "string" ? headers[name] : undefined);
  return { id: one("webhook-id"), timestamp: one("webhook-timestamp"), signature: one("webhook-signature") };
}

/**
 * Checks that one of the carrier's secrets signed exactly this, and just now.
 * @throws DomainError WEBHOOK_SIGNATURE. An unknown carrier looks like a wrong signature, so nobody can list carriers.
 */
export function verifySignature(
  secrets: readonly Buffer[] | undefined,
  { id, timestamp, signature }: SignatureHeaders,
  body: Buffer,
  nowMs: number,
): void {
  if (!id || !timestamp || !signature) throw refused("webhook-id, webhook-timestamp or webhook-signature is missing");
  if (!/^\d{1,12}$/.test(timestamp)) throw refused("webhook-timestamp is not in seconds");
  const offMs = Math.abs(nowMs - Number(timestamp) * 1000);
  if (offMs > toleranceMs) throw refused("webhook-timestamp is off by more than 5 minutes");
  const ours = signature.split(" ").filter((part) => part.startsWith("v1,"));
  const given = ours.map((part) => Buffer.from(part.slice("v1,".length), "base64"));
  const expected = (secrets ?? [decoy]).map((secret) => sign(secret, id, timestamp, body));
  const same = (one: Buffer, other: Buffer) => one.length === other.length && timingSafeEqual(one, other);
  if (!expected.some((right) => given.some((one) => same(one, right)))) throw refused("no signature fits");
}

/** The signature of the standard, without its "v1,". */
export function sign(secret: Buffer, id: string, timestamp: string, body: Buffer): Buffer {
  return createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest();
}

function refused(cause: string): DomainError {
  return new DomainError("WEBHOOK_SIGNATURE", `the webhook's signature does not hold: ${cause}`, { cause });
}

/**
 * Reads "carrier:whsec_…" pairs, comma between; a carrier that comes twice has two secrets.
 * @throws Error naming the carrier whose secret is not base64 of 24 to 64 bytes
 */
export function parseSecrets(text: string): WebhookSecrets {
  const secrets = new Map<string, Buffer[]>();
  for (const pair of text.split(",").filter(Boolean)) {
    const [, carrier, secret] = /^([a-z0-9_-]{1,40}):whsec_([A-Za-z0-9+/]+=*)$/.exec(pair.trim()) ?? [];
    if (!carrier || !secret) throw new Error("is not a list of carrier:whsec_<base64>");
    const bytes = Buffer.from(secret, "base64");
    const size = bytes.length;
    if (size < 24 || size > 64) throw new Error(`has a secret of ${size} bytes for ${carrier}, not 24 to 64`);
    secrets.set(carrier, [...(secrets.get(carrier) ?? []), bytes]);
  }
  return secrets;
}
