// What a process says of itself over HTTP, beside its metrics: for whoever restarts it, and for whoever sends it calls.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Conditions } from "#kit/readiness.js";

export type ProbeOptions = {
  readonly host: string;
  readonly port: number;
  /** Answers GET /metrics. */
  readonly metrics: (request: IncomingMessage, response: ServerResponse) => void;
  /** Undefined while it starts. */
  readonly conditions: () => Conditions | undefined;
};

/**
 * GET /livez: the event loop turns; it asks nobody else, or one lost database would have every process restarted.
 * GET /readyz: whether to send it calls, and what that depends on.
 * @throws Error if the port is taken
 */
export async function serveProbes({ host, port, metrics, conditions }: ProbeOptions): Promise<{ close(): void }> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0];
    if (path === "/metrics") return metrics(request, response);
    if (path === "/livez") return answer(response, 200, { live: true });
    if (path !== "/readyz") return answer(response, 404, {});
    const now = conditions() ?? { ready: false, parts: {} };
    answer(response, now.ready ? 200 : 503, now);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  // A probe must not keep a process that ends.
  server.unref();
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
}
