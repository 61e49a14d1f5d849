// Any cart, refunded in any parts, brings back exactly what was paid.
import fc from "fast-check";
import { carts, orderIndependent } from "../services/refund/test/carts.js";
import { counter, number, type Proof, type Say } from "./proof.js";

const runs = 100_000;

export async function provenCarts(say: Say): Promise<Proof[]> {
  const told = counter(say, "carts", runs);
  let done = 0;
  const result = fc.check(
    fc.property(carts, (cart) => {
      orderIndependent(cart);
      told(++done);
    }),
    { numRuns: runs },
  );
  const asked = `${number(runs)} random carts, refunded in random parts in two orders: the sum is what was paid, to the minor unit`;
  const counted = result.failed
    ? `failed after ${number(result.numRuns)}: seed ${result.seed}, path ${result.counterexamplePath}`
    : `${number(result.numRuns)} carts, 0 failed (seed ${result.seed})`;
  return [{ asked, counted, ok: !result.failed }];
}
