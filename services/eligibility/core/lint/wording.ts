// What people read: every text in every language of the document, and an article behind every rule.
import type { PolicyDocument } from "../document.js";
import { tableNames } from "../facts.js";
import { type Finding, fault, repeated } from "./finding.js";

type Texts = Readonly<Record<string, string>>;

export function* lintWording(document: PolicyDocument): Generator<Finding> {
  const { reasons, phrases, law } = document;
  for (const [at, { texts, leaves }] of reasons.entries()) {
    yield* lintTexts(document, texts, `reasons[${at}].texts`);
    for (const [l, leaf] of leaves.entries())
      yield* lintTexts(document, leaf.texts, `reasons[${at}].leaves[${l}].texts`);
  }
  for (const [name, texts] of Object.entries(phrases)) {
    yield* lintTexts(document, texts, `phrases.${name}`);
    yield* lintPlaceholders(texts, name as keyof typeof placeholders);
  }
  for (const [at, { texts }] of (law?.rights ?? []).entries())
    yield* lintTexts(document, texts, `law.rights[${at}].texts`);
  for (const [at, { texts }] of (law?.free ?? []).entries()) yield* lintTexts(document, texts, `law.free[${at}].texts`);
  yield* lintRules(document);
}

function* lintTexts({ languages }: PolicyDocument, texts: Texts, path: string): Generator<Finding> {
  for (const language of languages) {
    if (!Object.hasOwn(texts, language)) yield fault("TEXT_MISSING", path, `has no text in ${language}: write one`);
  }
  for (const language of Object.keys(texts)) {
    if (languages.includes(language)) continue;
    const advice = "add it to languages, or take the text out";
    yield fault("LANGUAGE_UNKNOWN", `${path}.${language}`, `is not a language of the document: ${advice}`);
  }
}

/** What explain.ts fills in. */
const placeholders: Readonly<Record<keyof PolicyDocument["phrases"], readonly string[]>> = {
  earlier: ["days", "gain"],
  unopened: ["gain"],
  tier: ["tier", "gain"],
  undelivered: ["gain"],
  unlisted: ["gain"],
  accepted: [],
  reviewed: [],
  free: [],
  cheaper: [],
};

function* lintPlaceholders(texts: Texts, name: keyof typeof placeholders): Generator<Finding> {
  const known = placeholders[name];
  for (const [language, text] of Object.entries(texts)) {
    for (const [written, word = ""] of text.matchAll(/\{(\w*)\}/g)) {
      if (known.includes(word)) continue;
      const choice = known.length > 0 ? `write one of ${known.map((w) => `{${w}}`).join(", ")}` : "take it out";
      yield fault("PLACEHOLDER_UNKNOWN", `phrases.${name}.${language}`, `nothing fills ${written}: ${choice}`);
    }
  }
}

function* lintRules(document: PolicyDocument): Generator<Finding> {
  const { market, tables, rules, separate_rule, override_rule } = document;
  const prefix = `${market.toLowerCase()}-`;
  const used = tableNames.flatMap((name) =>
    tables[name].rules.map((cells, at) => ({ id: cells._id ?? "", path: `${tables[name].path}.rules[${at}]._id` })),
  );
  used.push({ id: separate_rule, path: "separate_rule" }, { id: override_rule, path: "override_rule" });
  yield* repeated(
    used.map(({ id }) => id),
    (at) => used[at]?.path ?? "",
  );
  for (const { id, path } of used) {
    if (!id.startsWith(prefix)) yield fault("RULE_ID_FOREIGN", path, `${id} must begin with ${prefix}`);
    if (Object.hasOwn(rules, id)) continue;
    yield fault("RULE_UNEXPLAINED", path, `${id} has no article and text: add them in rules`);
  }
  for (const [id, { texts }] of Object.entries(rules)) {
    yield* lintTexts(document, texts, `rules.${id}.texts`);
    if (!used.some((rule) => rule.id === id))
      yield fault("RULE_UNUSED", `rules.${id}`, "stands in no table: take it out, or write its row");
  }
}
