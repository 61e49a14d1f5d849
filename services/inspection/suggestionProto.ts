// Suggestions between the contract's messages and the core's words.
import {
  type SuggestDispositionRequest,
  SuggestDispositionResponse,
} from "#gen/backhaul/inspection/v1/inspection_service.js";
import { type Money, negate, portion, toProto } from "#kit/pure/money.js";
import type { Seen, Suggestion } from "./core/suggestion.js";
import type { Condition } from "./core/types.js";
import { conditions, dispositions, grades } from "./proto.js";

export function readSeen({ condition, unopened, scratches, partsMissing }: SuggestDispositionRequest): Seen {
  // The contract's rules let no other value in.
  return { condition: conditions.word(condition) as Condition, unopened, scratches, partsMissing };
}

export function toSuggestion({ grade, options }: Suggestion, unitValue?: Money): SuggestDispositionResponse {
  return SuggestDispositionResponse.fromPartial({
    grade: grades.value(grade),
    options: options.map(({ disposition, recovery, why }) => ({
      disposition: dispositions.value(disposition),
      recoveryBasisPoints: recovery,
      recovery: unitValue && toProto(shareOf(unitValue, recovery)),
      why,
    })),
  });
}

/** Signed hundredths of a per cent of an amount, rounded to what is paid. */
function shareOf(value: Money, basisPoints: number): Money {
  const size = portion(value, BigInt(Math.abs(basisPoints)), 10_000n, "half-up");
  return basisPoints < 0 ? negate(size) : size;
}
