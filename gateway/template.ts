// Path templates of google.api.http, as the router wants them: "/v1/refunds/{refund_id}:retry".

/** A path template, understood. */
export type Template = {
  /** As the contract writes it. */
  readonly text: string;
  /** For find-my-way; its parameters are called p0, p1, … */
  readonly pattern: string;
  /** Matches the same raw paths, to find out which verbs a path would have answered to. */
  readonly matcher: RegExp;
  /** The fields its parameters fill, in order, e.g. "refund_id" or "order.order_id". */
  readonly fields: readonly string[];
};

// One segment each, as in {name} and {name=*}; `**` and {name=orders/*} are not offered.
const parameter = /\{([a-z][a-z0-9_.]*)(?:=\*)?\}/;
// As it stands in a raw path, where an escaped "/" or ":" ends the parameter like a plain one.
const segment = "(?:[^/:%]|%(?!2[fF]|3[aA]))+";
const literal = /^[A-Za-z0-9_.~/:-]*$/;

/**
 * Reads a template.
 *
 * A parameter ends at "/" and at ":", so that an id and the same id with a custom verb behind it stay two routes; ids
 * therefore cannot hold a colon. find-my-way takes a doubled colon for a literal one.
 * @throws Error if it uses what is not offered
 */
export function parseTemplate(text: string): Template {
  const parts = text.split(parameter); // literal, field, literal, field, … literal
  const literals = parts.filter((_, i) => i % 2 === 0);
  const fields = parts.filter((_, i) => i % 2 === 1);
  if (!text.startsWith("/") || !literals.every((part) => literal.test(part))) {
    throw new Error(`path template "${text}": only letters, digits, "_.~-/:" and {field} are understood`);
  }
  return {
    text,
    pattern: interleave(
      literals,
      (part) => part.replaceAll(":", "::"),
      (i) => `:p${i}(^[^/:]+)`,
    ),
    matcher: new RegExp(
      `^${interleave(
        literals,
        (part) => part.replaceAll(".", "\\."),
        () => segment,
      )}$`,
    ),
    fields,
  };
}

function interleave(literals: readonly string[], write: (part: string) => string, hole: (i: number) => string): string {
  return literals.map((part, i) => (i === 0 ? write(part) : hole(i - 1) + write(part))).join("");
}
