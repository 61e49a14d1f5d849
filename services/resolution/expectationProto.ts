// What the dock is told, as the inspection service reads it.
import { ExpectationTerms } from "#gen/backhaul/inspection/v1/inspection.js";
import { toProto } from "#kit/pure/money.js";
import { faults } from "./proto.js";

type Amount = { readonly minor: string; readonly currency: string };

// biome-ignore lint/suspicious/noExplicitAny: the payload as core/expectation.ts wrote it; older ones have none
export function toExpectationTerms(terms: any): ExpectationTerms | undefined {
  if (!terms) return undefined;
  const { fault, neverHad, due, deductionCauses, secondOpinionOver, details } = terms;
  return ExpectationTerms.fromPartial({
    fault: faults.value(fault),
    neverHad: neverHad ?? false,
    ...(due && { dueTime: new Date(due) }),
    deductionCauses,
    ...(secondOpinionOver && { secondOpinionOver: toAmount(secondOpinionOver) }),
    details: details.map(({ unitValue, ...line }: { unitValue?: Amount }) => ({
      ...line,
      ...(unitValue && { unitValue: toAmount(unitValue) }),
    })),
  });
}

function toAmount({ minor, currency }: Amount) {
  return toProto({ minor: BigInt(minor), currency });
}
