// What the payment provider says of a guarantee: set aside, refused, set aside anew, taken, gone.
import type { Money } from "#kit/pure/money.js";
import { advance, quietly, raised, type Scene } from "./advance.js";
import { payloadOf } from "./calls.js";
import { letGo, renewal, type SetAside } from "./guarantee.js";
import type { Exchange, Guarantee, Outcome, Resolution } from "./types.js";

/** It is set aside: the replacement may leave. If nobody waits for it any more it is let go. */
export function guaranteeSet(r: Resolution, given: SetAside, scene: Scene): Outcome {
  const happening = { name: "GuaranteeSet", text: "An amount is set aside on the card until the goods are back." };
  const exchange = withState(r, { ...given, state: "SET_ASIDE" }, scene);
  const outcome = advance(r, { type: "GUARANTEED" }, scene, happening, { exchange });
  if (!outcome) return notWanted(r, given, scene);
  return { ...outcome, steps: [...outcome.steps, renewal(r, given)] };
}

/** Nothing could be set aside: the replacement goes out when the goods were looked at. */
export function guaranteeRefused(r: Resolution, code: string, scene: Scene): Outcome {
  const text = `Nothing could be set aside (${code}): the replacement goes out once the goods are looked at.`;
  const exchange = withState(r, { state: "REFUSED" }, scene);
  const happening = { name: "GuaranteeRefused", text };
  return advance(r, { type: "GUARANTEE_REFUSED" }, scene, happening, { exchange }) ?? quietly(r, scene, {});
}

/** Whether an amount is set aside that is to be kept. What is being taken is not renewed: it is taken once. */
export function isRenewable({ exchange, tracks, state }: Resolution): boolean {
  return exchange?.guarantee?.state === "SET_ASIDE" && state === "OPEN" && tracks?.money !== "RECOVERING";
}

/** It is set aside anew before the card lets it go; the first is let go. */
export function guaranteeRenewed(r: Resolution, given: SetAside, scene: Scene): Outcome {
  const before = r.exchange?.guarantee;
  const wanted = before && isRenewable(r) && before.authorizationId !== given.authorizationId;
  if (!wanted) return notWanted(r, given, scene);
  const exchange = withState(r, { ...given, state: "SET_ASIDE" }, scene);
  return quietly(r, scene, { exchange }, [letGo(before.authorizationId ?? "", scene.now), renewal(r, given)]);
}

/** The card will not hold it any longer, and the goods are not back: a person decides before it lapses. */
export function guaranteeLapses(r: Resolution, code: string, scene: Scene): Outcome {
  if (!isRenewable(r)) return quietly(r, scene, {});
  const text = `the guarantee ends within a day and cannot be renewed (${code}): ask the customer for the goods`;
  return raised(r, scene, "guarantee", text);
}

/** What the customer kept is paid for out of it. If it was settled in another way meanwhile, somebody gives it back. */
export function guaranteeTaken(r: Resolution, taken: Money, scene: Scene): Outcome {
  const happening = { name: "GuaranteeTaken", text: "What did not come back was taken from the amount set aside." };
  const exchange = withState(r, { ...r.exchange?.guarantee, state: "TAKEN", taken }, scene);
  const outcome = advance(r, { type: "RECOVERED" }, scene, happening, { exchange });
  if (outcome) return outcome;
  return takenBesides({ ...r, exchange }, scene);
}

/** It was taken, and nobody was told of it before it was let go. */
export function guaranteeTakenUnheard(r: Resolution, scene: Scene): Outcome {
  if (r.exchange?.guarantee?.state === "TAKEN") return quietly(r, scene, {});
  return takenBesides(r, scene);
}

function takenBesides(r: Resolution, scene: Scene): Outcome {
  return raised(r, scene, "guarantee", "the guarantee was taken for what was settled in another way: give it back");
}

/** Nothing was paid for what did not come back: it is let go. */
export function guaranteeNotOwed(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "NothingOwed", text: "Nothing was paid for what did not come back." };
  return advance(r, { type: "RECOVERED" }, scene, happening) ?? quietly(r, scene, {});
}

/** It can no longer be taken: what the customer kept is to be recovered in another way. */
export function guaranteeGone(r: Resolution, scene: Scene): Outcome {
  const exchange = withState(r, { ...r.exchange?.guarantee, state: "LET_GO" }, scene);
  if (r.tracks?.money !== "RECOVERING" || r.state !== "OPEN") return quietly(r, scene, { exchange });
  const text = "the guarantee lapsed before it could be taken: recover what did not come back or write it off";
  const outcome = raised({ ...r, exchange }, scene, "recovery", text);
  if (r.refundId === "") return outcome;
  const payload = payloadOf("refund.recover", outcome.next);
  return { ...outcome, steps: [...outcome.steps, { step: "refund.recover", due: scene.now, payload }] };
}

/** Lets an amount go that nobody waits for; the one that the resolution rests on stays, however often it is heard of. */
function notWanted(r: Resolution, { authorizationId }: SetAside, scene: Scene): Outcome {
  const { guarantee } = r.exchange ?? {};
  const rests = guarantee?.state === "SET_ASIDE" && guarantee.authorizationId === authorizationId;
  return quietly(r, scene, {}, rests ? [] : [letGo(authorizationId, scene.now)]);
}

function withState(r: Resolution, guarantee: Guarantee, { now }: Scene): Exchange {
  return { ...(r.exchange ?? { expires: now }), guarantee };
}
