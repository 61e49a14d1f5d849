// Free ports on loopback for the servers that tests and `npm start` bring up. Called by postgres.ts, nats.ts and tests.
import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";

const HOST = "127.0.0.1";

/**
 * Where the ephemeral range begins (Linux 32768+, macOS and Windows 49152+). A port out of that range may be taken by any
 * outgoing connection before the server binds it, and a client that reconnects to a stopped server there may even be
 * connected to itself, so that the server never gets its port back. Nothing of ours listens there.
 */
export const EPHEMERAL = 32_768;

const LOWEST = 15_000;
const HIGHEST = 32_000;

// Not handed out twice by one process: between the answer and the bind the port looks free to everybody. Workers of one
// test run, which ask for many at the same time, take them from stripes of their own.
const handedOut = new Set<number>();
const STRIPES = 4;
const stripe = Number(process.env.MOCHA_WORKER_ID ?? process.pid) % STRIPES;

/** A port that nobody listens on. Throws when a thousand tries found none. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 1_000; tries++) {
    const port = LOWEST + STRIPES * randomInt((HIGHEST - LOWEST) / STRIPES) + stripe;
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (!(await portTaken(port))) return port;
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST}`);
}

/** That many different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/** Whether something on this machine listens on that port of 127.0.0.1. */
export async function portTaken(port: number): Promise<boolean> {
  // Binding alone would not tell: macOS allows 127.0.0.1:p next to a listener on all addresses.
  return (await answers(port)) || !(await bindable(port));
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function bindable(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
