// An HTTP server on 127.0.0.1 that plays a provider, and can have its refunds go wrong on the wire.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with the next requests for a refund. */
export type Mishap =
  | "LOSE_ANSWER" // The work is done, the connection is cut.
  | "SLOW" // The work is done, the answer takes for ever.
  | "ENDLESS" // The work is done, the answer begins and never ends.
  | "ERROR" // 500 and nothing done; the provider keeps it under the key, if it keeps errors.
  | "TOO_MANY" // 429, nothing done; and so with all that follow.
  | "GARBAGE" // A proxy's page.
  | "STRANGE" // JSON that is no refund.
  | "HUGE" // Far too much of an answer.
  | "REDIRECT"; // Sent elsewhere.

export const mishaps: readonly Mishap[] = [
  "LOSE_ANSWER",
  "SLOW",
  "ENDLESS",
  "ERROR",
  "TOO_MANY",
  "GARBAGE",
  "STRANGE",
  "HUGE",
  "REDIRECT",
];

export type Request = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};
export type Answer = { readonly status: number; readonly body: unknown };

/** The provider's part. */
export type Played = {
  isRefund(request: Request): boolean;
  answer(request: Request): Answer;
  /** A failed refund, booked under its key where the provider keeps errors. */
  fail(request: Request): Answer;
};

export type FakeServer = {
  readonly url: string;
  /** Every request, in their order. */
  readonly requests: Request[];
  mishap(kind: Mishap, times?: number): void;
  calm(): void;
  /** @throws what it found wrong with a request */
  close(): Promise<void>;
};

export async function serveFake(played: Played): Promise<FakeServer> {
  const requests: Request[] = [];
  const surprises: unknown[] = [];
  let next: { kind: Mishap; left: number } | undefined;

  const server = createServer(async (incoming, outgoing) => {
    const request = await readRequest(incoming);
    requests.push(request);
    try {
      if (!next || next.left === 0 || !played.isRefund(request)) return send(outgoing, played.answer(request));
      next.left--;
      goWrong(next.kind, played, request, outgoing);
    } catch (error) {
      surprises.push(error); // a request the provider would not know: told at the end, for the caller sees a 500 only
      send(outgoing, { status: 500, body: {} });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    mishap: (kind, times = Number.POSITIVE_INFINITY) => {
      next = { kind, left: times };
    },
    calm: () => {
      next = undefined;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (surprises.length > 0) throw surprises[0];
    },
  };
}

function goWrong(kind: Mishap, played: Played, request: Request, outgoing: ServerResponse): void {
  const answers: Readonly<Record<Mishap, () => void>> = {
    LOSE_ANSWER: () => {
      played.answer(request);
      outgoing.destroy();
    },
    SLOW: () => {
      played.answer(request);
    },
    ENDLESS: () => {
      played.answer(request);
      outgoing.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => outgoing.write(" "), 20);
      outgoing.once("close", () => clearInterval(drip));
    },
    ERROR: () => send(outgoing, played.fail(request)),
    TOO_MANY: () => send(outgoing, { status: 429, body: { error: { code: "rate_limit" }, code: "TOO_MANY_REQUESTS" } }),
    GARBAGE: () => outgoing.writeHead(200, { "content-type": "text/html" }).end("<html>upstream connect error"),
    STRANGE: () => send(outgoing, { status: 200, body: { object: "teapot", error: 5 } }),
    HUGE: () => send(outgoing, { status: 200, body: { filler: "x".repeat(3_000_000) } }),
    REDIRECT: () => outgoing.writeHead(307, { location: "http://127.0.0.1:1/elsewhere" }).end(),
  };
  answers[kind]();
}

function send(outgoing: ServerResponse, { status, body }: Answer): void {
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const url = new URL(incoming.url ?? "/", "http://fake");
  const { method = "", headers } = incoming;
  return { method, path: url.pathname, query: url.searchParams, headers, body: Buffer.concat(parts).toString() };
}
