// A gate on the way to the bus. While it is shut, those who go through it are cut off, as by a broken network: what they
// announce stays in their outboxes.
import { connect, createServer, type Socket } from "node:net";
import { freePort } from "#kit/local/ports.js";

export type Gate = {
  /** Where the bus seems to be, for those who go through. */
  readonly url: string;
  open(): void;
  shut(): void;
  close(): Promise<void>;
};

/** A gate that is shut. @param toPort where the bus is, asked for anew each time somebody comes */
export async function openGate(toPort: () => number): Promise<Gate> {
  const port = await freePort();
  const passing = new Set<Socket>();
  let isOpen = false;

  const server = createServer((comer) => {
    if (!isOpen) return void comer.destroy();
    const onward = connect({ host: "127.0.0.1", port: toPort() });
    for (const [socket, other] of [
      [comer, onward],
      [onward, comer],
    ] as const) {
      passing.add(socket);
      socket.pipe(other);
      socket.on("error", () => {}); // "close" follows
      socket.on("close", () => {
        passing.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((listening) => server.listen({ host: "127.0.0.1", port }, listening));

  const shut = () => {
    isOpen = false;
    for (const socket of passing) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    open: () => {
      isOpen = true;
    },
    shut,
    close: async () => {
      shut();
      await new Promise((closed) => server.close(closed));
    },
  };
}
