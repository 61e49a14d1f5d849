// What stands before the edge: it sends each request to the gateways in turn, to those that say they are ready, and to
// another one where a connection is refused, for then nothing was sent. It never sends a request twice.
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { edgeReady } from "../../scripts/mesh/ready.js";

/** An answer; status 0 where there was none, and then the text says why. */
export type Balanced = { readonly status: number; readonly text: string };

export type Balancer = {
  send(method: string, path: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Balanced>;
  close(): void;
};

const probeMs = 50;

type Edge = { readonly base: URL; readonly agent: Agent; ready: boolean };

export function openBalancer(gatewayUrls: readonly string[]): Balancer {
  const edges: Edge[] = gatewayUrls.map((url) => ({
    base: new URL(url),
    agent: new Agent({ keepAlive: true, maxSockets: 64 }),
    ready: true,
  }));
  let turn = 0;
  let open = true;
  const probe = async (edge: Edge) => {
    while (open) {
      edge.ready = await edgeReady(Number(edge.base.port));
      await sleep(probeMs);
    }
  };
  for (const edge of edges) void probe(edge);

  async function send(...asked: Parameters<Balancer["send"]>): Promise<Balanced> {
    const first = turn++;
    const inTurn = edges.map((_, at) => edges[(first + at) % edges.length] as Edge);
    const order = [...inTurn.filter(({ ready }) => ready), ...inTurn.filter(({ ready }) => !ready)];
    let answer: Balanced = { status: 0, text: "no gateway" };
    for (const edge of order) {
      answer = await sendTo(edge, ...asked);
      if (answer.text !== "ECONNREFUSED") break;
    }
    return answer;
  }

  return {
    send,
    close: () => {
      open = false;
      for (const { agent } of edges) agent.destroy();
    },
  };
}

function sendTo(
  { base, agent }: Edge,
  ...[method, path, headers, body]: Parameters<Balancer["send"]>
): Promise<Balanced> {
  return new Promise((resolve) => {
    const lost = (error: NodeJS.ErrnoException) => resolve({ status: 0, text: error.code ?? error.message });
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const sent = request(
      { agent, host: base.hostname, port: base.port, method, path, headers: { ...headers, ...length } },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", lost);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
      },
    );
    sent.on("error", lost);
    sent.end(body);
  });
}
