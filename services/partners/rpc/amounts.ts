// Amounts as partners take them.
import type { Money as MoneyMessage } from "#gen/google/type/money.js";
import { InvalidRequest } from "#kit/errors.js";
import { fromProto, type Money } from "#kit/pure/money.js";

/** An amount that must be above zero. @throws InvalidRequest; DomainError as `fromProto` */
export function aboveZero(amount: MoneyMessage | undefined): Money {
  const money = amount && fromProto(amount);
  if (money && money.minor > 0n) return money;
  throw new InvalidRequest([{ field: "amount", description: "must be above zero" }]);
}
