/**
 * The REST edge as the replay calls it: kept connections, JSON both ways, and the same request again, under the same
 * Idempotency-Key, when the mesh was away or busy. Called by play.ts and audit.ts.
 */
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** An answer that is no error of ours: 2xx with the resource, or a problem with its reason. */
export type RestAnswer<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly status: number; readonly reason: string; readonly detail: string };

export interface Rest {
  get<T>(path: string, token: string): Promise<RestAnswer<T>>;
  post<T>(path: string, token: string, key: string, body: unknown): Promise<RestAnswer<T>>;
  close(): void;
}

const tries = 8;
const firstWaitMs = 100;
const longestWaitMs = 5_000;
const timeoutMs = 30_000;

/** @param gateway its URL, http://host:port */
export function openRest(gateway: string): Rest {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const base = new URL(gateway);

  async function call<T>(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<RestAnswer<T>> {
    for (let tried = 1; ; tried++) {
      const answer = await send(method, path, headers, body).catch((error: Error) => error);
      const wait = waitBefore(answer, tried);
      if (wait !== undefined && tried < tries) {
        await sleep(wait);
        continue;
      }
      if (answer instanceof Error)
        throw new Error(`${method} ${path} failed ${tried} times: ${answer.message}`, { cause: answer });
      return readAnswer(answer);
    }
  }

  function send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Raw> {
    return new Promise((resolve, reject) => {
      const { hostname: host, port } = base;
      const sent = request({ agent, host, port, method, path, headers, timeout: timeoutMs }, (answer) => {
        readAll(answer).then(
          (text) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
          reject,
        );
      });
      sent.once("timeout", () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
      sent.once("error", reject);
      sent.end(body);
    });
  }

  const bearer = (token: string) => ({ authorization: `Bearer ${token}`, accept: "application/json" });
  return {
    get: (path, token) => call("GET", path, bearer(token)),
    post: (path, token, key, body) => {
      const text = JSON.stringify(body);
      const type = { "content-type": "application/json", "content-length": `${Buffer.byteLength(text)}` };
      return call("POST", path, { ...bearer(token), ...type, "idempotency-key": key }, text);
    },
    close: () => agent.destroy(),
  };
}

type Raw = { status: number; headers: IncomingMessage["headers"]; text: string };

/** Milliseconds until another try could help; undefined when the answer stands. */
function waitBefore(answer: Raw | Error, tried: number): number | undefined {
  const growing = Math.min(longestWaitMs, firstWaitMs * 2 ** tried) * (0.5 + Math.random() / 2);
  if (answer instanceof Error) return growing;
  if (![429, 500, 502, 503, 504].includes(answer.status)) return undefined;
  const asked = Number(answer.headers["retry-after"]) * 1000;
  return Number.isFinite(asked) ? Math.min(asked, longestWaitMs) : growing;
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function readAnswer<T>({ status, text }: Raw): RestAnswer<T> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = {}; // a proxy's page: its status has to do
  }
  if (status >= 200 && status < 300) return { ok: true, body: body as T };
  const { reason = `HTTP ${status}`, detail = "" } = body as { reason?: string; detail?: string };
  return { ok: false, status, reason, detail };
}
