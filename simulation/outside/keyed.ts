// Partners that do a thing once per key, and give the first answer again.
import { DomainError } from "#kit/pure/check.js";

/** The answer of the first time; another body under the same key is refused. */
export function openKeyed() {
  const answers = new Map<string, { readonly body: string; readonly answer: unknown }>();
  return <Q, A>(key: string, ask: Q, make: () => A): A => {
    const body = JSON.stringify(ask, (_, value) => (typeof value === "bigint" ? `${value}` : value));
    const before = answers.get(key);
    if (before && before.body !== body)
      throw new DomainError("REQUEST_ID_REUSED", `another body under ${key}`, { request_id: key });
    const answer = (before?.answer as A | undefined) ?? make();
    answers.set(key, { body, answer });
    return answer;
  };
}
