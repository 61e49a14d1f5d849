// A TCP proxy between two processes, by which the network between them fails in the ways networks do. What is said goes
// through in order and unchanged, or not at all: TCP keeps that promise even then.
import { EventEmitter, once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";

/**
 * How a network is: `cut` breaks connections and lets none in; `silent` carries nothing while it lasts and delivers late,
 * as after retransmissions; `slow` brings everything 150 ms later; `dripping` brings it byte by byte.
 */
export type Manner = "open" | "cut" | "silent" | "slow" | "dripping";

export type TcpProxy = {
  readonly port: number;
  behave(manner: Manner): void;
  /**
   * Connections of now never carry a byte again, and nobody is told: what a firewall does that forgot them. New ones
   * go through. Answers whether there were any.
   */
  forget(): boolean;
  /** Ends what was forgotten. */
  tidy(): void;
  close(): Promise<void>;
};

const slowMs = 150;
/** Of what drips, only so much goes byte by byte, then the rest at once: framing breaks at the start of a message. */
const drops = 256;

/** A way through: two sockets, and whether it still counts. */
type Passage = { readonly sockets: readonly [Socket, Socket]; forgotten: boolean };

/** Listens on a port of its own and leads to that one. */
export async function openProxy(toPort: number): Promise<TcpProxy> {
  const passages = new Set<Passage>();
  /** Every socket there is, whatever became of its passage. */
  const sockets = new Set<Socket>();
  let manner: Manner = "open";
  const changes = new EventEmitter().setMaxListeners(0);

  const server = createServer({ noDelay: true }, (comer) => {
    if (manner === "cut") return void comer.resetAndDestroy();
    const onward = connect({ host: "127.0.0.1", port: toPort, noDelay: true });
    const passage: Passage = { sockets: [comer, onward], forgotten: false };
    passages.add(passage);
    for (const socket of passage.sockets) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    carry(comer, onward, passage);
    carry(onward, comer, passage);
  });

  function carry(from: Socket, to: Socket, passage: Passage): void {
    let held: Buffer[] = [];
    let bringing = false;
    const bring = async () => {
      bringing = true;
      while (held.length > 0 && !to.destroyed) {
        if (passage.forgotten || manner === "silent") {
          await once(changes, "change");
          continue;
        }
        if (manner === "slow") await wait(slowMs);
        const bytes = Buffer.concat(held);
        held = [];
        await (manner === "dripping" ? drip(bytes, to) : give(bytes, to));
      }
      bringing = false;
      from.resume();
    };
    from.on("data", (bytes) => {
      if (passage.forgotten) return;
      if (manner === "open" && !bringing) {
        if (to.write(bytes)) return;
        from.pause();
        to.once("drain", () => from.resume());
        return;
      }
      held.push(bytes);
      if (!bringing) void bring();
    });
    from.on("error", () => {}); // "close" follows
    from.on("close", () => {
      // The other end of what was forgotten is not told either.
      if (passage.forgotten) return;
      passages.delete(passage);
      if (held.length === 0) to.destroySoon();
      else void wait(slowMs * 2).then(() => to.destroy());
    });
  }

  const end = (which: (passage: Passage) => boolean) => {
    for (const passage of passages) {
      if (!which(passage)) continue;
      passages.delete(passage);
      for (const socket of passage.sockets) socket.destroy();
    }
  };
  await new Promise<void>((listening) => server.listen({ host: "127.0.0.1", port: 0 }, listening));
  return {
    port: (server.address() as { port: number }).port,
    behave: (next) => {
      manner = next;
      if (next === "cut") end(({ forgotten }) => !forgotten);
      changes.emit("change");
    },
    forget: () => {
      for (const passage of passages) passage.forgotten = true;
      return passages.size > 0;
    },
    tidy: () => {
      end(({ forgotten }) => forgotten);
      changes.emit("change");
    },
    close: async () => {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      changes.emit("change");
      await closed;
    },
  };
}

async function give(bytes: Buffer, to: Socket): Promise<void> {
  if (to.destroyed || to.write(bytes)) return;
  await Promise.race([once(to, "drain"), once(to, "close")]).catch(() => {});
}

async function drip(bytes: Buffer, to: Socket): Promise<void> {
  for (const byte of bytes.subarray(0, drops)) {
    if (to.destroyed) return;
    to.write(Buffer.of(byte));
    await turn();
  }
  await give(bytes.subarray(drops), to);
}
