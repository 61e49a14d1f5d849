// How far a cancellation comes: stopped, called back, or on its way to the customer. Money goes back only for what is known
// not to reach them, so nothing is ever refunded and delivered.
import { noted, quietly, raised, type Scene } from "./advance.js";
import type { ChartEvent } from "./chart.js";
import { termsContext } from "./context.js";
import { told } from "./deadlines.js";
import { fact } from "./facts.js";
import { allAccepted } from "./lines.js";
import type { CancelCode, Fault, Outcome, Resolution, Terms, Verdict } from "./types.js";

/** Whose cause each code is. */
const faultOf: Readonly<Record<CancelCode, Fault>> = {
  OUT_OF_STOCK: "SELLER",
  PRICE_ERROR: "SELLER",
  ADDRESS_UNSERVICEABLE: "SELLER",
  PAYMENT_EXPIRED: "CUSTOMER",
  FRAUD: "GENERAL",
};

/** Terms of a cancellation that the customer did not ask for: the code's cause, and nothing to pay for it. */
export function canceledBy(code: CancelCode, terms: Terms): Terms {
  return { ...terms, fault: faultOf[code], fees: [] };
}

const texts: Readonly<Record<CancelCode, string>> = {
  OUT_OF_STOCK: "Canceled by the shop: there is none left.",
  PRICE_ERROR: "Canceled by the shop: the price was wrong.",
  ADDRESS_UNSERVICEABLE: "Canceled by the shop: nobody delivers to the address.",
  PAYMENT_EXPIRED: "Canceled: it was not paid for in time.",
  FRAUD: "Canceled by the shop.",
};

/** The sentence for the customer, with the canceller's own words. */
export function cancelText(code: CancelCode, note: string): string {
  return note === "" ? texts[code] : `${texts[code]} ${note}`;
}

/** What was begun without the customer is told to them. */
export function withNotice(outcome: Outcome, template: string, scene: Scene): Outcome {
  const notice = { step: "notify", due: scene.now, payload: { template, ...told(outcome.next) } };
  return { ...outcome, steps: [...outcome.steps, notice] };
}

/** The warehouse held everything back. */
export function stopped(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "ReleaseStopped", text: "The order was stopped before it left." };
  return fact(r, { type: "STOPPED" }, scene, happening, { lines: allAccepted(r.lines) });
}

/** It has left: the carrier is asked to bring it back, or, in version 1, it goes on as a return. */
export function alreadyShipped(r: Resolution, scene: Scene): Outcome {
  const text =
    r.chart.machine === "resolution/1"
      ? "The order had left already; it goes on as a return."
      : "The order had left already; the carrier is asked to bring it back.";
  return fact(r, { type: "ALREADY_SHIPPED" }, scene, { name: "AlreadyShipped", text });
}

/** A stop that was asked for, and how often its answer was looked for. */
export type AskedStop = { readonly orderId: string; readonly stopRequestId: string; readonly asked: number };

const askAgainMs = 5 * 60_000;
const askAgainCapMs = 60 * 60_000;
/** After so many looks, some two hours, a person is called; the looking goes on. */
const escalateAfter = 6;

/** Nobody can say yet whether it was in time: it is looked for again, and nothing is refunded meanwhile. */
export function stopPending(r: Resolution, stop: AskedStop, scene: Scene): Outcome {
  if (r.state !== "OPEN" || r.tracks?.goods !== "STOPPING") return quietly(r, scene, {});
  const asked = stop.asked + 1;
  const wait = Math.min(askAgainMs * 2 ** stop.asked, askAgainCapMs);
  const again = { step: "shipment.findStop", due: new Date(scene.now.getTime() + wait), payload: { ...stop, asked } };
  return { ...pendingOutcome(r, asked, scene), steps: [again] };
}

function pendingOutcome(r: Resolution, asked: number, scene: Scene): Outcome {
  if (asked === 1) {
    const text = "The warehouse was asked to hold the order back and has not said yet whether it was in time.";
    return noted(r, scene, { name: "StopPending", text }, true);
  }
  if (asked !== escalateAfter) return quietly(r, scene, {});
  return raised(r, scene, "shipment.stop", "the warehouse does not say whether the order was stopped: ask them");
}

/** The carrier turns round: the goods come back, and are paid for when they are here. */
export function intercepted(r: Resolution, scene: Scene): Outcome {
  const text = "The carrier brings the parcel back; it is refunded once it is here.";
  return fact(r, { type: "INTERCEPTED" }, scene, { name: "Intercepted", text });
}

/** The carrier goes on: the request is judged as a return. */
export function interceptRefused(r: Resolution, scene: Scene): Outcome {
  const text = "The carrier does not bring the parcel back; the request goes on as a return.";
  return fact(r, { type: "INTERCEPT_REFUSED" }, scene, { name: "InterceptRefused", text });
}

/** The same units, judged as a return. */
export function judgedAsReturn(
  r: Resolution,
  verdict: Verdict,
  text: string,
  terms: Terms,
  decision: Uint8Array,
  scene: Scene,
): Outcome {
  if (verdict === "DECLINE")
    return fact(r, { type: "RETURN_DECLINED" }, scene, { name: "ReturnDeclined", text }, { decision });
  const code = r.origin.cancelCode;
  // The shop's own cancellation costs the customer nothing, also when it came too late.
  const kept = code ? canceledBy(code, terms) : terms;
  const granted: ChartEvent = { type: "RETURN_GRANTED", terms: termsContext(kept) };
  return fact(r, granted, scene, { name: "ReturnGranted", text }, { terms: kept, decision });
}
