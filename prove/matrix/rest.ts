// The front door: every route of the contracts, asked with as little as it takes and any authorization.
import { Agent, request } from "node:http";
import { registry } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import { buildRoutes, type Route } from "../../gateway/routes.js";
import type { Met } from "./grpc.js";
import type { Header } from "./tokens.js";

/** Every route of the contracts. */
export const routes: readonly Route[] = buildRoutes(registry);

export type FrontDoor = ReturnType<typeof openFrontDoor>;

export function openFrontDoor(gatewayUrl: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname: host, port } = new URL(gatewayUrl);

  function send({ verb, template, body }: Route, header: Header): Promise<{ status: number; text: string }> {
    const headers: Record<string, string> = { "idempotency-key": newId("key") };
    if (header !== undefined) headers.authorization = header;
    if (body) headers["content-type"] = "application/json";
    const path = template.text.replace("{service}", "refund").replaceAll(/\{[^}]+\}/g, "x");
    return new Promise((resolve, reject) => {
      const sent = request({ agent, host, port, method: verb, path, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (part) => {
          text += part;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      sent.on("error", reject);
      sent.end(body ? "{}" : undefined);
    });
  }

  return {
    ask: async (route: Route, header: Header): Promise<Met> => {
      const { status, text } = await send(route, header);
      if (status < 400) return "let in";
      const { reason } = JSON.parse(text) as { reason: string };
      if (status === 401 && reason === "UNAUTHENTICATED") return "nobody";
      if (status === 403 && reason === "ROLE_NOT_ALLOWED") return "refused";
      if (status === 403 && reason === "SCOPE_NOT_ALLOWED") return "out of scope";
      const odd = status === 401 || status === 403 || status >= 500 || reason === "ROUTE_NOT_FOUND";
      return odd ? `wrong: ${status} ${reason}` : "let in";
    },
    close: () => agent.destroy(),
  };
}
