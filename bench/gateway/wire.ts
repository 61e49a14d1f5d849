// HTTP/1.1 over a bounded number of kept sockets, as lean as it goes: what offers a load must not be the one that cannot
// keep up. It reads what the edge answers and nothing more: a status, a content-length, no chunks.
import { connect, type Socket } from "node:net";

/** Called with the status; 0 if the connection broke. */
type Answered = (status: number) => void;

export type Wire = {
  /** Sends a whole request as soon as a socket is free. */
  send(request: Buffer, answered: Answered): void;
  /** Requests that wait for a free socket. */
  waiting(): number;
  close(): void;
};

export function openWire(gatewayUrl: string, sockets: number): Wire {
  const { hostname, port } = new URL(gatewayUrl);
  const free: Lane[] = [];
  const queue: { request: Buffer; answered: Answered }[] = [];
  let head = 0;
  const next = (lane: Lane) => {
    const waiting = queue[head];
    if (!waiting) {
      queue.length = head = 0;
      free.push(lane);
      return;
    }
    head++;
    lane.send(waiting.request, waiting.answered);
  };
  const lanes = Array.from({ length: sockets }, () => openLane(Number(port), hostname, next));
  free.push(...lanes);
  return {
    send: (request, answered) => {
      const lane = free.pop();
      if (lane) lane.send(request, answered);
      else queue.push({ request, answered });
    },
    waiting: () => queue.length - head,
    close: () => {
      for (const lane of lanes) lane.close();
    },
  };
}

type Lane = { send(request: Buffer, answered: Answered): void; close(): void };

/** One request at a time; a socket that is closed is opened again for the next. */
function openLane(port: number, host: string, idle: (lane: Lane) => void): Lane {
  let socket: Socket | undefined;
  let pending: Answered | undefined;
  let seen: Buffer = Buffer.alloc(0);
  const answer = (status: number) => {
    const answered = pending;
    pending = undefined;
    seen = Buffer.alloc(0);
    answered?.(status);
    idle(lane);
  };
  const open = (): Socket => {
    const opened = connect({ port, host, noDelay: true });
    opened.on("data", (part) => {
      seen = seen.length === 0 ? part : Buffer.concat([seen, part]);
      const status = wholeAnswer(seen);
      if (status !== undefined) answer(status);
    });
    opened.on("error", () => {});
    opened.on("close", () => {
      if (socket === opened) socket = undefined;
      if (pending) answer(0);
    });
    return opened;
  };
  const lane: Lane = {
    send: (request, answered) => {
      pending = answered;
      socket ??= open();
      socket.write(request);
    },
    close: () => socket?.destroy(),
  };
  return lane;
}

const headEnd = Buffer.from("\r\n\r\n");

/** The status, once all of the answer is there. */
function wholeAnswer(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const [, length = "0"] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
  return bytes.length >= end + headEnd.length + Number(length) ? Number(head.slice(9, 12)) : undefined;
}

/** A request as bytes. */
export function requestOf(method: string, path: string, headers: Readonly<Record<string, string>>, body = ""): Buffer {
  const all = body === "" ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: bench\r\n${lines.join("")}\r\n${body}`);
}
