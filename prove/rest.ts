// The edge as apps see it: REST with a person's token, JSON in and out; and carriers, who sign.
import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import { newId } from "#kit/ids.js";
import type { PersonRole } from "../scripts/mesh/issuer.js";
import type { Mesh } from "../scripts/mesh/launch.js";

export type RestAnswer = {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of whatever the edge answers
  readonly json: any;
};
export type Rest = ReturnType<typeof openRest>;

/** How a carrier signs: Standard Webhooks' form, unless a proof spoils it. */
export type Signing = {
  readonly secret: string;
  readonly ageSeconds?: number;
  readonly id?: string;
};

export function openRest({ gatewayUrl, issuer }: Mesh, maxSockets = 64) {
  const agent = new Agent({ keepAlive: true, maxSockets });
  const base = new URL(gatewayUrl);
  const tokens = new Map<string, Promise<string>>();

  function tokenOf(role: PersonRole, subject: string): Promise<string> {
    const name = `${role}:${subject}`;
    const token = tokens.get(name) ?? issuer.token(role, subject);
    tokens.set(name, token);
    return token;
  }

  const send = (method: string, path: string, headers: Record<string, string>, body?: Buffer) =>
    new Promise<RestAnswer>((resolve, reject) => {
      const length = body ? { "content-length": String(body.length) } : {};
      const sent = request(
        { agent, host: base.hostname, port: base.port, method, path, headers: { ...headers, ...length } },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part) => parts.push(part));
          answer.on("end", () => {
            const text = Buffer.concat(parts).toString();
            resolve({ status: answer.statusCode ?? 0, text, json: jsonOf(text) });
          });
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });

  return {
    post: async (role: PersonRole, subject: string, path: string, body: object, key = newId("key")) => {
      const headers = {
        authorization: `Bearer ${await tokenOf(role, subject)}`,
        "content-type": "application/json",
        "idempotency-key": key,
      };
      return send("POST", path, headers, Buffer.from(JSON.stringify(body)));
    },
    /** As nobody: what needs no token. */
    anonymous: (path: string, body: object, key = newId("key")) => {
      const headers = { "content-type": "application/json", "idempotency-key": key };
      return send("POST", path, headers, Buffer.from(JSON.stringify(body)));
    },
    get: async (role: PersonRole, subject: string, path: string) =>
      send("GET", path, { authorization: `Bearer ${await tokenOf(role, subject)}` }),
    /** A carrier's message; `path` after its name: "" for our JSON, "/messages" for a format of its own. */
    carrier: (carrier: string, path: "" | "/messages", body: string, { secret, ageSeconds = 0, id }: Signing) => {
      const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
      const messageId = id ?? newId("msg");
      const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
      const signature = createHmac("sha256", key).update(`${messageId}.${timestamp}.${body}`).digest("base64");
      const headers = {
        "content-type": body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded",
        "webhook-id": messageId,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signature}`,
      };
      return send("POST", `/webhooks/carriers/${carrier}${path}`, headers, Buffer.from(body));
    },
    close: () => agent.destroy(),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
