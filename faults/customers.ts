// Whoever asks something of the mesh while it is being harmed. They are patient: who gets no answer asks again under the
// same key. Every promise that the mesh made them by a 2xx is kept, to be held against its books in the end.
import { setTimeout as wait } from "node:timers/promises";
import { newId } from "#kit/ids.js";
import type { PersonRole } from "../scripts/mesh/issuer.js";
import type { Mesh } from "../scripts/mesh/launch.js";
import { openShop } from "../test/shop.js";

export type Customers = Awaited<ReturnType<typeof openCustomers>>;

/** One answer, and what it took to get it. */
export type Answered = {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of whatever the edge answers
  readonly json: any;
  readonly tries: number;
};

/** An answer that a client waits for, before it asks again. */
const answerMs = 8_000;
/** Nobody is more patient than that. */
export const patienceMs = 120_000;
const betweenMs = 100;
/** With these the same request may be taken the next time. */
const passing = new Set([408, 409, 425, 429]);

export async function openCustomers({ gatewayUrl, addresses, issuer }: Mesh) {
  const tokens = new Map<string, Promise<string>>();
  const token = (role: PersonRole, subject: string) => {
    const name = `${role}:${subject}`;
    const known = tokens.get(name) ?? issuer.token(role, subject);
    tokens.set(name, known);
    return known;
  };
  const impatient: typeof fetch = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(answerMs) });
  const shop = await openShop({ gatewayUrl, sandboxAddress: addresses.partners, token, fetch: impatient });

  /** Does it until it succeeds. @throws its last error when patience is over */
  async function patiently<T>(act: () => Promise<T>): Promise<T> {
    for (const end = Date.now() + patienceMs; ; await wait(betweenMs)) {
      try {
        return await act();
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }

  /** Asks until there is an answer that will not change. */
  async function post(role: PersonRole, subject: string, path: string, body: object, key = newId("key")) {
    let last = "no answer";
    for (let tries = 1, end = Date.now() + patienceMs; Date.now() < end; tries++) {
      try {
        const { status, json } = await shop.rest(role, subject, "POST", path, body, key);
        // An answer whose body broke off is none.
        if (json !== undefined && status < 500 && !passing.has(status))
          return { status, json, tries } satisfies Answered;
        last = `${status} ${json?.reason ?? ""}`;
      } catch (error) {
        last = (error as Error).message; // cut off, or nobody there
      }
      await wait(betweenMs);
    }
    throw new Error(`POST ${path} got no answer in ${patienceMs / 1000} s; the last try: ${last}`);
  }

  return {
    shop,
    patiently,
    post,
    /** Moves business time, whatever is under way. */
    move: (ms: number) =>
      patiently(async () => {
        const to = new Date((await shop.now()).getTime() + ms);
        await shop.clocks.advanceClock({ to, noWait: true });
      }),
    close: shop.close,
  };
}
