// Between the contract's messages about policies and lists, and the core's words.
import * as messages from "#gen/backhaul/eligibility/v1/policy.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { words } from "#kit/words.js";
import type { Act } from "./core/acts.js";
import type { PolicyEntry } from "./core/book.js";
import type { Counterexample, Finding } from "./core/lint.js";
import type { ListEntry } from "./core/lists.js";

const kinds = words(Kind, "KIND_");
const severities = words(messages.Severity, "SEVERITY_");
export const policyStates = words(messages.PolicyState, "POLICY_STATE_");
export const listKinds = words(messages.ListKind, "LIST_KIND_");
export const listSubjects = words(messages.ListSubject, "LIST_SUBJECT_");

/** A version, with its document or, in lists, without. */
export function toPolicy(market: string, entry: PolicyEntry, document = ""): messages.Policy {
  const { endTime: _, state, ...shown } = entry;
  return { ...shown, market, state: policyStates.value(state), document };
}

export function toAct({ time: actTime, subject, verb, note, documentHash }: Act): messages.PolicyAct {
  return { actTime, subject, verb, note, documentHash };
}

export function toListEntry({ version: _, kind, subject, ...entry }: ListEntry): messages.ListEntry {
  return { ...entry, kind: listKinds.value(kind), subject: listSubjects.value(subject) };
}

export function toFinding({ severity, counterexample, ...finding }: Finding): messages.Finding {
  return {
    ...finding,
    severity: severities.value(severity),
    counterexample: counterexample && toCounterexample(counterexample),
  };
}

function toCounterexample({ kind, reason, facts, delivered, asked, text }: Counterexample): messages.Counterexample {
  return { kind: kinds.value(kind), reason, facts: { ...facts }, deliverTime: delivered, askTime: asked, text };
}
