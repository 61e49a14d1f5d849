// A request that a POST of the edge takes: who sends it, where to, and with what. Made fresh each time, for each is spent.
import type { PersonRole } from "../../scripts/mesh/issuer.js";
import type { Shop } from "../shop.js";
import type { Backstage } from "./backstage.js";

export type Post = {
  /** None for what strangers may ask. */
  readonly role: PersonRole | undefined;
  readonly who: string;
  readonly path: string;
  readonly body: object;
  /** Another request that may come under the same key by mistake: another body, or another place. */
  readonly other: { readonly path?: string; readonly body?: object };
  /** A secret in the answer, which is told once: who asks again gets it empty. */
  readonly toldOnce?: "secret";
  /** What there is one more of afterwards: a table of the service, and which of its rows. */
  readonly makes?: string;
};

/** By route, such as "POST /v1/refunds/{refund_id}:retry". */
export type Posts = Readonly<Record<string, (shop: Shop, backstage: Backstage) => Promise<Post>>>;

/** What a test made to stand somewhere; fails with what the edge said instead. */
export async function taken(
  shop: Shop,
  role: PersonRole,
  who: string,
  path: string,
  body: object,
  // biome-ignore lint/suspicious/noExplicitAny: JSON of whatever the edge answers
): Promise<any> {
  const { status, json } = await shop.rest(role, who, "POST", path, body);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
  return json;
}
