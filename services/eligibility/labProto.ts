// Between the contract's messages and what the replay lab and the shadow hold against each other.
import {
  CollectionMethod,
  type Decision,
  type Fee,
  type LineDecision,
  RefundTrigger,
} from "#gen/backhaul/eligibility/v1/decision.js";
import * as messages from "#gen/backhaul/eligibility/v1/policy.js";
import { fromProto, money, toProto } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { Carried, Given, GivenAnswer } from "./core/again.js";
import { whats } from "./core/changes.js";
import type { Comparison, Difference } from "./core/compare.js";
import type { Seen } from "./core/decide.js";
import type { Simulation } from "./core/simulation.js";
import type { Verdict } from "./core/words.js";
import { verdicts } from "./proto.js";

const triggers = words(RefundTrigger, "REFUND_TRIGGER_");
const methods = words(CollectionMethod, "COLLECTION_METHOD_");
export const simulationStates = words(messages.SimulationState, "SIMULATION_STATE_");

/** A decision as others are held against it; `seen` stands in the order of its lines. */
export function toGiven(decision: Decision, seen: readonly Seen[]): Given {
  const { decisionId, orderId, currencyCode: currency, createTime } = decision;
  const answers = answersOf(decision);
  return {
    decisionId,
    orderId,
    currency,
    time: createTime ?? new Date(0),
    charged: chargedOf(decision),
    lines: seen.map((each, nth) => ({ ...(answers[nth] as GivenAnswer), seen: each })),
  };
}

/** What was answered, line by line. */
export function answersOf(decision: Decision): GivenAnswer[] {
  return decision.lines.map((line) => ({
    verdict: verdicts.word(line.verdict) as Verdict,
    rule: line.ruleId,
    end: line.windowEndTime,
    // The verdict table answers once; a second answer is that of the rule that separates.
    separated: line.firedRules.filter(({ table }) => table === "verdict" || table === "law").length > 1,
    carried: carriedOf(decision, line),
  }));
}

/** What the customer is to bear for all lines together, in minor units. */
export function chargedOf({ terms }: Decision): number {
  return (terms?.fees ?? []).reduce((sum, fee) => sum + minorOf(fee), 0);
}

const minorOf = ({ amount }: Fee): number => (amount ? Number(fromProto(amount).minor) : 0);

function carriedOf({ lines, terms }: Decision, line: LineDecision): Carried | undefined {
  const alone = triggers.word(line.refundTrigger);
  if (alone) return carried(alone, line.collectionMethods, line.fees);
  // Before lines had terms of their own, a request of one line was the line.
  const joined = terms && lines.length === 1 ? triggers.word(terms.refundTrigger) : undefined;
  return joined && terms ? carried(joined, terms.collectionMethods, terms.fees) : undefined;
}

function carried(trigger: Carried["trigger"], ways: readonly CollectionMethod[], [fee]: LineDecision["fees"]): Carried {
  return {
    trigger,
    fee: fee && { code: fee.code, minor: minorOf(fee) },
    methods: ways.flatMap((way) => methods.word(way) ?? []),
  };
}

export function toSimulation(simulation: Simulation): messages.Simulation {
  const { simulationId, policyId, documentHash, state, since, until, total, comparison, note, createTime } = simulation;
  return {
    simulationId,
    policyId,
    documentHash,
    state: simulationStates.value(state),
    sinceTime: since,
    untilTime: until,
    total: BigInt(total),
    comparison: toComparison(comparison),
    note,
    createTime,
  };
}

/** Most frequent shifts first. */
export function toComparison(comparison: Comparison): messages.Comparison {
  const { shifts, samples, currency } = comparison;
  const shifted = whats.flatMap((what) =>
    Object.entries(shifts[what]).map(([pair, lines]) => {
      const [from = "", to = ""] = pair.split("|");
      return { what, from, to, lines: BigInt(lines) };
    }),
  );
  return {
    decisions: BigInt(comparison.decisions),
    lines: BigInt(comparison.lines),
    changedLines: BigInt(comparison.changedLines),
    shifts: shifted.sort((a, b) => Number(b.lines - a.lines)),
    cost: toProto(money(comparison.costMinor, currency)),
    samples: Object.values(samples).flat().map(toDifference),
    violations: BigInt(comparison.violations),
    violationSamples: comparison.violationSamples.map(toDifference),
    unknownLines: BigInt(comparison.unknownLines),
  };
}

function toDifference({ verdict, rule, otherVerdict, otherRule, ...difference }: Difference): messages.Difference {
  return {
    ...difference,
    verdict: verdicts.value(verdict),
    ruleId: rule,
    otherVerdict: verdicts.value(otherVerdict),
    otherRuleId: otherRule,
  };
}
