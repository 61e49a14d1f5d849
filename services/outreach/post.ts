// One request to a subscriber: to a checked address, never further by a redirect, with an end to its time and to what is
// read of its answer.
import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { failpoint } from "#kit/failpoint.js";
import { DomainError } from "#kit/pure/check.js";
import type { Answer } from "./core/types.js";
import type { Target, Targets } from "./targets.js";

/** Sends a body. Whatever goes wrong is an answer, too. */
export type Post = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<Answer>;

const headBytes = 1024;
const headersBytes = 16 * 1024;

/** @param timeoutMs from the first look-up to the last byte that is read */
export function openPost(targets: Targets, timeoutMs: number): Post {
  return async (url, headers, body) => {
    const startedAt = performance.now();
    const none = { status: 0, head: "", retryAfterMs: undefined };
    const took = () => Math.round(performance.now() - startedAt);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const target = await Promise.race([targets.check(url), ended(signal)]);
      return { ...(await send(target, headers, body, signal)), latencyMs: took(), error: "" };
    } catch (error) {
      const why = signal.aborted ? `no answer within ${timeoutMs} ms` : causeOf(error as Error);
      return { ...none, latencyMs: took(), error: why };
    }
  };
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

/** What the log says of a failure: our own words or a code, never what the other side wrote. */
function causeOf(error: Error): string {
  if (error instanceof DomainError) return error.message;
  return (error as { code?: string }).code ?? "the connection failed";
}

async function send({ url, at }: Target, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal) {
  const options: RequestOptions = {
    method: "POST",
    // No pool: a kept connection would outlive the look at its address.
    agent: false,
    maxHeaderSize: headersBytes,
    signal,
    lookup: (_host, { all }, done) => (all ? done(null, [{ ...at }]) : done(null, at.address, at.family)),
    headers: {
      ...headers,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "user-agent": "Backhaul-Webhooks/1",
    },
  };
  failpoint("http", "webhook", "before");
  const answer = await new Promise<Pick<Answer, "status" | "head" | "retryAfterMs">>((resolve, reject) => {
    let over: (error: Error) => void = reject;
    const call = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let read = 0;
      // The status is the answer: what follows it is only looked at, and may be as long or late as it likes.
      const done = () => {
        const head = redacted(Buffer.concat(chunks).subarray(0, headBytes).toString("utf8"));
        resolve({ status: response.statusCode ?? 0, head, retryAfterMs: retryAfter(response.headers["retry-after"]) });
        response.destroy();
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        read += chunk.length;
        if (read >= headBytes) done();
      });
      for (const end of ["end", "error", "close"]) response.once(end, done);
      over = done;
    });
    call.on("error", (error) => over(error));
    // Whatever the connection has come to by then, nobody waits longer.
    signal.addEventListener("abort", () => over(signal.reason), { once: true });
    // Nobody asked for another protocol; unheard, such an answer would be neither an answer nor an error.
    call.once("upgrade", ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, head: "", retryAfterMs: undefined });
    });
    call.end(body);
  });
  failpoint("http", "webhook", "after");
  return answer;
}

function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The log is read by many: what looks like a secret, an address or a person's number is not for it. */
function redacted(text: string): string {
  return text
    .replace(/[^\P{C}\n\t]/gu, " ")
    .replace(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, "[mail]")
    .replace(/\bwhsec_\S+|\b(?:bearer|basic)\s+\S+|\beyJ[\w-]+\.[\w.-]+/gi, "[secret]")
    .replace(/\d(?:[ -]?\d){6,}/g, "[number]");
}
