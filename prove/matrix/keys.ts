// Sellers' and carriers' keys for the matrix: right ones for all that their role may call, one for a single rpc, and every way
// in which one can be wrong. Made at the front door, by an operator.
import { setTimeout as wait } from "node:timers/promises";
import { accessOf, type RoleWord } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import type { Cell } from "./cells.js";
import { methods } from "./grpc.js";
import { type FrontDoor, routes } from "./rest.js";
import type { Header } from "./tokens.js";

const holders = ["SELLER", "CARRIER"] as const;
const lifeMs = 1_000;

/** Every route by keys: as their holder's role is met, within their scopes; and by none that is wrong. */
export async function byKey(door: FrontDoor, gatewayUrl: string, operator: Header): Promise<Cell[]> {
  async function post(path: string, body: object) {
    const headers = {
      authorization: operator ?? "",
      "content-type": "application/json",
      "idempotency-key": newId("key"),
    };
    const answer = await fetch(`${gatewayUrl}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { apiKey: { apiKeyId: string }; secret: string };
  }
  const make = (holder: RoleWord, scopes: readonly string[], expireTime = new Date(Date.now() + 3_600_000)) =>
    post("/v1/api-keys", { holder: `API_KEY_HOLDER_${holder}`, holderId: "m-1", market: "KR", scopes, expireTime });

  const cells = holders.map(async (holder): Promise<Cell[]> => {
    const own = methods.filter((method) => accessOf(method).roles.has(holder));
    const scopes = own.map(({ parent, name }) => `${parent.typeName}/${name}`);
    const routed = routes.find(({ access }) => access.roles.has(holder));
    const single = routed?.path.slice(1) ?? "";
    const [all, one, short, gone] = await Promise.all([
      make(holder, scopes),
      make(holder, [single]),
      make(holder, scopes, new Date(Date.now() + lifeMs)),
      make(holder, scopes),
    ]);
    await post(`/v1/api-keys/${gone.apiKey.apiKeyId}:revoke`, {});
    await wait(lifeMs); // a key's own time is what is tried here
    const changed = `${all.secret.slice(0, 60)}${all.secret[60] === "a" ? "b" : "a"}${all.secret.slice(61)}`;
    const wrong = { revoked: gone.secret, expired: short.secret, changed, "cut short": all.secret.slice(0, -1) };
    return routes.flatMap((route) => {
      const path = route.path.slice(1);
      const asked = (key: string) => () => door.ask(route, `Bearer ${key}`);
      const name = `${route.verb} ${route.template.text} by ${holder}`;
      return [
        {
          what: `${name}, key for all`,
          declared: scopes.includes(path) ? "let in" : "out of scope",
          ask: asked(all.secret),
        },
        {
          what: `${name}, key for ${single}`,
          declared: path === single ? "let in" : "out of scope",
          ask: asked(one.secret),
        },
        ...Object.entries(wrong).map(
          ([what, key]): Cell => ({ what: `${name}, key ${what}`, declared: "nobody", ask: asked(key) }),
        ),
      ];
    });
  });
  return (await Promise.all(cells)).flat();
}
