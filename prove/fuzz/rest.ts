// Requests to the REST edge that mean no good: made of the contracts' own examples, then spoiled. Answers are held to the
// OpenAPI document: a status that it does not tell is wrong, and so is an error without a reason.
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { registry } from "#kit/contracts.js";
import { documentOf } from "../../gateway/openapi/document.js";
import type { Operation } from "../../gateway/openapi/spec.js";
import { buildRoutes, type Route } from "../../gateway/routes.js";
import type { PersonRole } from "../../scripts/mesh/issuer.js";
import type { Chance } from "../chance.js";
import type { Findings, Outcome } from "./oracle.js";
import { hostileValue, spoiled } from "./values.js";

type Target = { readonly route: Route; readonly operation: Operation };
type Input = {
  readonly target: Target;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | undefined;
};

const routes = buildRoutes(registry);
const { paths } = documentOf(routes);
const targets: readonly Target[] = routes.map((route) => ({
  route,
  operation: paths[route.template.text]?.[route.verb.toLowerCase() as "get"] as Operation,
}));

// What the edge says before it knows which route it is, or of any route.
const always = new Set([200, 204, 304, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 431, 503, 504]);
const bomb = gzipSync(Buffer.alloc(20_000_000));
// No answer in this time is none.
const patienceMs = 20_000;

/** What fuzzing needs to come in. */
export type RestDoor = {
  readonly gatewayUrl: string;
  token(role: PersonRole, subject: string): Promise<string>;
  /** Ids of things that are there, and somebody else's. */
  readonly ids: readonly string[];
};

/** Sends that many. */
export async function fuzzRest(
  door: RestDoor,
  chance: Chance,
  count: number,
  findings: Findings,
  onDone = (_: number) => {},
) {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const tokens = new Map<string, string>();
  const roles: readonly PersonRole[] = [
    "CUSTOMER",
    "GUEST",
    "AGENT",
    "LEAD",
    "FINANCE",
    "WAREHOUSE",
    "SELLER",
    "CARRIER",
    "POLICY_AUTHOR",
    "POLICY_APPROVER",
    "OPERATOR",
  ];
  for (const role of roles) tokens.set(role, await door.token(role, "fuzz"));
  let done = 0;
  const lane = async () => {
    while (done < count) {
      onDone(done++);
      if (chance.percent(2)) {
        const text = rawText(chance);
        findings.note(await sendRaw(door.gatewayUrl, text), () => JSON.stringify(text));
        continue;
      }
      const input = drawn(chance, tokens, door.ids);
      findings.note(await send(agent, door.gatewayUrl, input), () => shown(input));
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  agent.destroy();
}

const shown = ({ target, path, headers, body }: Input) =>
  `${target.route.verb} ${path} ${JSON.stringify(headers)} ${body?.toString().slice(0, 300) ?? ""}`;

function drawn(chance: Chance, tokens: ReadonlyMap<string, string>, ids: readonly string[]): Input {
  const target = chance.pick(targets);
  const { route, operation } = target;
  const example = (name: string) => operation.parameters?.find((one) => one.name === name)?.example;
  const path = route.template.text.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    if (chance.percent(40)) return String(example(name) ?? "x");
    if (chance.percent(60)) return chance.pick(ids);
    return encodeURIComponent(hostileText(chance).slice(0, 300));
  });
  const role = chance.pick([...route.access.roles].filter((one) => one !== "SERVICE"));
  const token = chance.percent(90) ? tokens.get(role ?? "CUSTOMER") : chance.pick(["", "x", "a.b.c", "x".repeat(5000)]);
  const headers: Record<string, string> = {
    authorization: `Bearer ${token}`,
    "idempotency-key": chance.percent(90) ? `fuzz-${chance.below(1e9)}` : ascii(hostileText(chance)).slice(0, 2000),
    "accept-language": chance.pick(["ko", "zh-TW;q=0.5,en", "*;q=0", ",;q=", "x".repeat(2000)]),
  };
  const given = operation.requestBody?.content["application/json"]?.example;
  let body = route.body ? Buffer.from(spoiled(chance, given ?? {})) : undefined;
  if (body)
    headers["content-type"] = chance.percent(95)
      ? "application/json"
      : chance.pick(["text/xml", "application/json; charset=utf-16", "multipart/form-data", "a/b/c"]);
  if (body && chance.percent(1)) {
    headers["content-encoding"] = "gzip";
    body = bomb;
  }
  return { target, path: path + queryOf(chance, target), headers, body };
}

function queryOf(chance: Chance, { route, operation }: Target): string {
  const names = [
    ...(operation.parameters ?? []).filter((one) => one.in === "query").map(({ name }) => name),
    "nobody.knows",
    "__proto__",
    "fields",
  ];
  if (chance.percent(route.verb === "GET" ? 40 : 95)) return "";
  const pairs = Array.from(
    { length: chance.between(1, 4) },
    () => `${chance.pick(names)}=${encodeURIComponent(hostileText(chance).slice(0, 500))}`,
  );
  return `?${pairs.join("&")}`;
}

/** A hostile value as text that can be sent. */
function hostileText(chance: Chance): string {
  const text = hostileValue(chance);
  const said = text.startsWith('"') ? String(JSON.parse(text)) : text;
  // What stands for a lone surrogate once it was bytes: a URL has no other way to say it.
  return Buffer.from(said).toString();
}

const ascii = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, "?");

function send(agent: Agent, base: string, { target, path, headers, body }: Input): Promise<Outcome> {
  const { hostname: host, port } = new URL(base);
  return new Promise((resolve) => {
    const length: Record<string, string> = body ? { "content-length": String(body.length) } : {};
    const sent = request(
      { agent, host, port, method: target.route.verb, path, headers: { ...headers, ...length } },
      (answer) => {
        const { statusCode = 0 } = answer;
        if (statusCode < 400 && target.route.streaming) {
          answer.destroy();
          resolve({ answer: String(statusCode) });
          return;
        }
        const parts: Buffer[] = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () =>
          resolve(judged(target, statusCode, answer.headers["content-type"], Buffer.concat(parts))),
        );
        answer.on("error", () => resolve({ answer: "cut off", wrong: "an answer that broke off" }));
      },
    );
    sent.setTimeout(patienceMs, () => {
      resolve({ answer: "none", wrong: `no answer in ${patienceMs} ms from ${target.route.path}` });
      sent.destroy();
    });
    // Who is refused before the body was read may find the connection closed.
    sent.on("error", (error: Error & { code?: string }) =>
      resolve({
        answer: "closed",
        wrong: /^(ECONNRESET|EPIPE)$/.test(error.code ?? "") ? undefined : String(error.code),
      }),
    );
    sent.end(body);
  });
}

function judged(target: Target, status: number, type: string | undefined, body: Buffer): Outcome {
  const { reason, wrong } = faultIn(target, status, type, body);
  return {
    answer: String(status),
    wrong: wrong && `${status} ${reason} ${wrong}, ${target.route.verb} ${target.route.template.text}`,
  };
}

function faultIn({ operation }: Target, status: number, type: string | undefined, body: Buffer) {
  if (status < 400) return { reason: "", wrong: undefined };
  if (!type?.startsWith("application/problem+json")) return { reason: "", wrong: "is no problem" };
  const { reason } = JSON.parse(body.toString()) as { reason: string };
  if (status >= 500 && status !== 503 && status !== 504) return { reason, wrong: "is ours" };
  if (!always.has(status) && !(String(status) in operation.responses)) return { reason, wrong: "is not declared" };
  return { reason, wrong: reason ? undefined : "has no reason" };
}

function rawText(chance: Chance): string {
  const junk = Array.from({ length: chance.between(1, 200) }, () => String.fromCharCode(chance.below(256))).join("");
  return chance.pick([
    junk,
    `GET / HTTP/9.9\r\n\r\n`,
    `GET /v1/refunds HTTP/1.1\r\nhost: x\r\n${"x: y\r\n".repeat(3000)}\r\n`,
    `GET /${"a".repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    `POST /v1/resolutions HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n`,
    `POST /v1/resolutions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `POST /v1/resolutions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n${junk}`,
    `GET /%c0%ae%c0%ae/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    `GET /v1/refunds HTTP/1.1\r\nhost: x\r\nx: ${junk}\r\n\r\n`,
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ]);
}

/** Bytes that are no HTTP: a refusal, or a closed connection. */
function sendRaw(base: string, text: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(base).port), "127.0.0.1");
    let answer = "";
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.on("data", (part) => (answer += part));
    socket.on("error", () => {});
    socket.on("close", () =>
      resolve({ answer: "no HTTP", wrong: /^HTTP\/1.1 5(?!0[345])/.test(answer) ? answer.slice(0, 20) : undefined }),
    );
    socket.end(Buffer.from(text, "latin1"));
  });
}
