// A subscriber of the shop's: takes every event, and shows what it got.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Subscriber = Awaited<ReturnType<typeof openSubscriber>>;

export async function openSubscriber() {
  let onBody = (_: string): void => {};
  const server = createServer((request, answer) => {
    const parts: Buffer[] = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      onBody(`${request.url} ${JSON.stringify(request.headers)} ${Buffer.concat(parts)}`);
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    watch: (look: (body: string) => void) => {
      onBody = look;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
