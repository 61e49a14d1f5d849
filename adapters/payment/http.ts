// Requests to a provider that always end: within a time, with a JSON object or array of a bounded size, or as NoAnswer.
import { failpoint } from "#kit/failpoint.js";

/** There was no answer, or none that can be read. `reason` says why, for logs and callers; it holds nothing of the answer. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";

  constructor(readonly reason: string) {
    super(reason);
  }
}

export type Limits = { readonly timeoutMs: number; readonly maxBytes: number };

/**
 * A fetch for one provider. The answer is read whole before it is handed on, so that neither a slow nor an endless body
 * outlives the limits. A redirect is no answer: it would carry the secret key elsewhere.
 * @throws NoAnswer
 */
export function boundedFetch({ timeoutMs, maxBytes }: Limits): typeof fetch {
  return async (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([timeout, init.signal]) : timeout;
    try {
      failpoint("http", "provider", "before");
      const response = await fetch(input, { ...init, signal, redirect: "error" });
      const body = await readWhole(response, maxBytes);
      failpoint("http", "provider", "after");
      assertJson(body, response.status);
      return new Response(body, { status: response.status, headers: response.headers });
    } catch (error) {
      if (error instanceof NoAnswer) throw error;
      throw new NoAnswer(signal.aborted ? "timeout" : "connection");
    }
  };
}

async function readWhole(response: Response, maxBytes: number): Promise<string> {
  if (!response.body) throw new NoAnswer(`http_${response.status}_empty`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > maxBytes) throw new NoAnswer("answer_too_large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** A page of HTML from a proxy, half an answer, a bare word: none of them says what became of the request. */
function assertJson(body: string, status: number): void {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return;
  } catch {
    // said below
  }
  throw new NoAnswer(`http_${status}_not_json`);
}
