// The forty, in their order: what must hold of a mesh at any moment, whatever died or came twice. They share no code with
// the services: what is known here is their tables, their streams, and the contracts that their facts are written in.
import { announcedInvariants } from "./facts/announced.js";
import { busInvariants } from "./facts/config.js";
import { heardInvariants } from "./facts/heard.js";
import { letterInvariants } from "./facts/letters.js";
import { onceInvariants } from "./facts/once.js";
import type { Around, Invariant } from "./invariant.js";
import { amountInvariants } from "./money/amounts.js";
import { goodsInvariants } from "./money/goods.js";
import { paymentInvariants } from "./money/payments.js";
import { lifeInvariants } from "./resolutions/life.js";
import { unitInvariants } from "./resolutions/units.js";
import { eyesInvariants } from "./security/eyes.js";
import { ownerInvariants } from "./security/owners.js";
import { sealedInvariants } from "./security/sealed.js";
import { trailInvariants } from "./security/trail.js";
import { webhookInvariants } from "./security/webhooks.js";

const parts = [
  paymentInvariants,
  amountInvariants,
  goodsInvariants,
  lifeInvariants,
  unitInvariants,
  announcedInvariants,
  heardInvariants,
  onceInvariants,
  letterInvariants,
  busInvariants,
  trailInvariants,
  eyesInvariants,
  sealedInvariants,
  ownerInvariants,
  webhookInvariants,
];

export function allInvariants(around: Around): Invariant[] {
  return parts.flatMap((part) => part(around)).sort((a, b) => a.number - b.number);
}
