// An act: what is known of a call when it changes something. Only ids, words of the contracts and digests go into the
// audit trail: it is kept when a person's data is erased.
import { createHash } from "node:crypto";
import type { Call } from "#kit/call.js";
import { methodOf } from "#kit/contracts.js";
import { isPersonal } from "#kit/personal.js";
import { traceId } from "#kit/telemetry.js";

/** Who asked for what; who they are themselves stands in the token. */
export type Act = {
  /** "backhaul.refund.v1.RefundService/ApproveRefund" */
  readonly rpc: string;
  /** The service that passed the call on; "" for a caller who came themselves. */
  readonly via: string;
  /** The customer or other person it was done for, where the request names one. */
  readonly onBehalfOf: string;
  /** The reason given: a word of the contracts as it is, free text as its digest; "" for none. */
  readonly reason: string;
  readonly traceId: string;
};

const word = /^[A-Z][A-Z0-9_]{1,63}$/;
const never = /(?!)/;
const id = /^[A-Za-z0-9_.:-]{1,128}$/;
const freeTexts = ["reason", "note", "text", "explanation", "statement"];

/** What the audit trail says of a call, besides its caller. `path` is the gRPC path. */
export function actOf(path: string, request: object, { caller }: Call): Act {
  const fields = request as Readonly<Record<string, unknown>>;
  const requestId = textOf(fields, "requestId");
  const named = textOf(fields, "customerId") || (caller.role === "SERVICE" ? textOf(fields, "actor") : "");
  return {
    rpc: path.slice(1),
    via: caller.via,
    onBehalfOf: named === caller.subject ? "" : plainOrDigest(named, id, requestId),
    reason: reasonOf(path, fields, requestId),
    traceId: traceId(),
  };
}

function reasonOf(path: string, fields: Readonly<Record<string, unknown>>, requestId: string): string {
  // A code is a secret of six digits at one rpc and a reason's word at another.
  const code = textOf(fields, "code");
  if (word.test(code)) return code;
  const name = freeTexts.find((one) => textOf(fields, one) !== "");
  if (name === undefined) return "";
  // What a person writes may look like a word of ours: an account number, a name in capitals.
  return plainOrDigest(textOf(fields, name), isWritten(path, name) ? never : word, requestId);
}

/** Whether a person writes what they like there. */
function isWritten(path: string, name: string): boolean {
  const field = methodOf(path).input.fields.find(({ localName }) => localName === name);
  return field !== undefined && isPersonal(field);
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

/** The request's id is the salt: nobody can guess short texts from the trail alone. */
function plainOrDigest(text: string, plain: RegExp, salt: string): string {
  if (text === "" || plain.test(text)) return text;
  return `sha256:${createHash("sha256").update(`${salt}\0${text}`).digest("base64url")}`;
}
