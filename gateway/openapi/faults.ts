// What can go wrong with an operation: the reasons its contract names and the edge's own, by the HTTP status that each is
// answered with. Every reason has an example, made by what makes the real answers.
import type { DescMethod } from "@bufbuild/protobuf";
import { DomainError } from "#kit/pure/check.js";
import { manual } from "../manual.js";
import { answerOf } from "../problem.js";
import { commentOf } from "./comments.js";
import type { Example, Reference, Response, Responses, Schema } from "./spec.js";

const traceId = "0af7651916cd43dd8448eb211c80319c";

/** The reasons a method's comment names behind "Reasons:", or takes over from another with "as Method". */
export function reasonsOf(method: DescMethod): string[] {
  const [, list = ""] = /\bReasons: ?([^.]*)/.exec(commentOf(method)) ?? [];
  const other = method.parent.methods.find(({ name }) => name === /\bas (\w+)/.exec(list)?.[1]);
  const own = (list.match(/\b[A-Z][A-Z0-9_]{2,}\b/g) ?? []).filter((word) => manual.has(word));
  return [...new Set([...(other ? reasonsOf(other) : []), ...own])];
}

/** Error responses of an operation with these reasons, by HTTP status. */
export function faultResponses(reasons: readonly string[]): Responses {
  const byStatus = new Map<number, string[]>();
  for (const reason of new Set(reasons)) {
    const { status } = problemOf(reason);
    byStatus.set(status, [...(byStatus.get(status) ?? []), reason]);
  }
  const sorted = [...byStatus].sort(([one], [other]) => one - other);
  return Object.fromEntries(sorted.map(([status, some]) => [String(status), sharedName(some) ?? responseOf(some)]));
}

/** Responses that most operations have, and so stand once. */
const shared: readonly (readonly string[])[] = [
  ["UNAUTHENTICATED"],
  ["ROLE_NOT_ALLOWED"],
  ["BODY_TOO_LARGE"],
  ["REQUEST_ID_REUSED"],
  ["CONTENTION"],
  ["INTERNAL"],
  ["UNSUPPORTED_MEDIA"],
  ["RATE_LIMITED"],
  ["OVERLOADED", "STORE_UNAVAILABLE", "UPSTREAM_UNAVAILABLE"],
  ["DEADLINE_EXCEEDED"],
];

/** For components.responses. */
export function sharedResponses(): Record<string, Response> {
  return Object.fromEntries(shared.map((reasons) => [reasons.join("_OR_"), responseOf(reasons)]));
}

function sharedName(reasons: readonly string[]): Reference | undefined {
  const name = reasons.join("_OR_");
  return shared.some((some) => some.join("_OR_") === name) ? { $ref: `#/components/responses/${name}` } : undefined;
}

function responseOf(reasons: readonly string[]): Response {
  const names = reasons.map((reason) => `\`${reason}\`: ${manual.get(reason)?.title ?? ""}`);
  const headers = headersOf(reasons);
  return {
    description: names.join("\n\n"),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    content: {
      "application/problem+json": {
        schema: { $ref: "#/components/schemas/Problem" },
        examples: Object.fromEntries(reasons.map((reason) => [reason, { $ref: `#/components/examples/${reason}` }])),
      },
    },
  };
}

const headerTexts: Readonly<Record<string, string>> = {
  "retry-after": "Seconds after which it is worth trying again.",
  "www-authenticate": "How to prove who you are.",
};

function headersOf(reasons: readonly string[]): NonNullable<Response["headers"]> {
  const names = reasons.flatMap((reason) => Object.keys(answerOf(new DomainError(reason, ""), traceId).headers));
  const told = Object.entries(headerTexts).filter(([name]) => names.includes(name));
  return Object.fromEntries(told.map(([name, description]) => [name, { description, schema: { type: "string" } }]));
}

/** For components.examples: a problem of each reason. */
export function faultExamples(): Record<string, Example> {
  return Object.fromEntries(
    [...manual].map(([reason, { title }]) => [reason, { summary: title, value: problemOf(reason) }]),
  );
}

function problemOf(reason: string) {
  const { title = reason, metadata = [], example = "" } = manual.get(reason) ?? {};
  const shown = Object.fromEntries(metadata.map((key) => [key, "…"]));
  return answerOf(new DomainError(reason, example || title, shown), traceId).body;
}

/** The body of every error. */
export function problemSchema(): Schema {
  const text = (description: string): Schema => ({ type: "string", description });
  return {
    type: "object",
    title: "Problem",
    description: "An error, by RFC 9457. Write code against `reason` and `metadata`, never against `detail`.",
    properties: {
      type: text("`urn:backhaul:error:` and the reason."),
      title: text("What the reason means, the same each time."),
      status: { type: "integer", description: "The HTTP status." },
      detail: text("What happened this time, and what to do."),
      reason: { $ref: "#/components/schemas/Reason" },
      metadata: {
        type: "object",
        description: "Every value the detail speaks of.",
        additionalProperties: { type: "string" },
      },
      violations: {
        type: "array",
        description: "Each broken rule of the request; fields by their names in the contract.",
        items: {
          type: "object",
          properties: {
            field: text("Which field, e.g. `lines[0].quantity`."),
            description: text("What is wrong with it."),
          },
          required: ["field", "description"],
        },
      },
      trace_id: text("Finds the request in our logs."),
    },
    required: ["type", "title", "status", "detail", "reason", "metadata", "trace_id"],
  };
}

/** Every reason of the error manual. */
export function reasonSchema(): Schema {
  return {
    type: "string",
    title: "Reason",
    description: "Why a request was refused. New reasons may come: treat one you do not know by its HTTP status.",
    enum: [...manual.keys()],
    "x-enum-descriptions": Object.fromEntries([...manual].map(([reason, { title }]) => [reason, title])),
  };
}
