// Somebody outside who takes webhooks.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Subscriber = Awaited<ReturnType<typeof openSubscriber>>;

type Body = {
  readonly id: string;
  readonly type: string;
  readonly resolutionId: string;
  readonly data: { readonly state: string };
};
type Got = { readonly id: string; readonly body: Body; readonly valid: (secret: string) => boolean };

/** Takes webhooks, and can tell whether a signature is right by the published algorithm. */
export async function openSubscriber() {
  const got: Got[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString("utf8");
    const id = String(request.headers["webhook-id"]);
    const time = String(request.headers["webhook-timestamp"]);
    const given = String(request.headers["webhook-signature"]).split(" ");
    const valid = (secret: string) => {
      const mac = createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64"));
      return given.includes(`v1,${mac.update(`${id}.${time}.${raw}`).digest("base64")}`);
    };
    got.push({ id, body: JSON.parse(raw), valid });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    got,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    about: (id: string) => got.filter(({ body }) => body.resolutionId === id),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
