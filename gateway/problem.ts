// Errors as REST callers get them: application/problem+json (RFC 9457) with the reason, metadata and violations of the
// gRPC status behind it. Whatever carries no reason of the error manual becomes one that gives nothing away.
import { type ServiceError, status } from "@grpc/grpc-js";
import { BadRequest, ErrorInfo, RetryInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";
import { codes, InvalidRequest, Unavailable, type Violation } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import type { Language } from "./language.js";
import { titles } from "./manual.js";
import { RateLimited } from "./rates.js";
import { wordsOf } from "./texts/problems.js";

/** The body of an error. */
export type Problem = {
  /** `urn:backhaul:error:REASON`. */
  readonly type: string;
  /** What the reason means, the same each time in one language. */
  readonly title: string;
  readonly status: number;
  /** What happened this time, and what to do. */
  readonly detail: string;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Each broken rule of the request; fields by their names in the contract. */
  readonly violations?: readonly Violation[];
  readonly trace_id: string;
};

/** An error on its way out. */
export type Answer = { readonly body: Problem; readonly headers: Readonly<Record<string, string>> };

/** What an error says, wherever it comes from. */
type Fault = {
  readonly code: status;
  readonly reason: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  readonly retryAfterMs?: number;
};

const httpByCode: Readonly<Partial<Record<status, number>>> = {
  [status.CANCELLED]: 499,
  [status.INVALID_ARGUMENT]: 400,
  [status.DEADLINE_EXCEEDED]: 504,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.PERMISSION_DENIED]: 403,
  [status.RESOURCE_EXHAUSTED]: 429,
  // Google says 400; here it is nearly always a state that does not allow a verb.
  [status.FAILED_PRECONDITION]: 409,
  [status.ABORTED]: 409,
  [status.OUT_OF_RANGE]: 400,
  [status.UNIMPLEMENTED]: 501,
  [status.UNAVAILABLE]: 503,
  [status.UNAUTHENTICATED]: 401,
};

/**
 * Where the code alone would mislead. 409 stays for what another state or another moment would allow; 422 is for a
 * request that was understood and is refused as it is: sending it again is pointless.
 */
const httpByReason: Readonly<Record<string, number>> = {
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA: 415,
  REQUEST_ID_REUSED: 422,
  LINE_NOT_IN_ORDER: 422,
  UNITS_EXCEED_PURCHASED: 422,
  NO_POLICY: 422,
  REASON_UNKNOWN: 422,
  EVIDENCE_MISSING: 422,
  DECISION_MISMATCH: 422,
  FINDINGS_UNBALANCED: 422,
  REFUND_EXCEEDS_CAPTURED: 422,
  CURRENCY_MISMATCH: 422,
  POLICY_BELOW_FLOOR: 422,
  PARTNER_REFUSED: 422,
  WAYBILL_INVALID: 422,
  HAND_OVER_CODE_WRONG: 422,
};

/**
 * The answer to a request that failed with this. `httpStatus` is for what HTTP alone knows, such as 408 and 431; violations
 * are for whoever wrote the caller, and stay in English.
 */
export function answerOf(error: unknown, traceId: string, httpStatus?: number, asked?: Language): Answer {
  const fault = faultOf(error, traceId);
  const http = httpStatus ?? httpByReason[fault.reason] ?? httpByCode[fault.code] ?? 500;
  const english = { title: titles.get(fault.reason) ?? fault.reason, detail: fault.message };
  const { language, title, detail } = wordsOf(asked, fault.reason, fault.metadata, english);
  const body = {
    type: `urn:backhaul:error:${fault.reason}`,
    title,
    status: http,
    detail,
    reason: fault.reason,
    metadata: fault.metadata,
    ...(fault.violations ? { violations: fault.violations } : {}),
    trace_id: traceId,
  };
  return { body, headers: headersOf(fault, language) };
}

function headersOf(fault: Fault, language: Language): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "content-language": language,
  };
  const retryAfterMs = fault.retryAfterMs ?? (fault.code === status.UNAVAILABLE ? 1000 : undefined);
  if (retryAfterMs !== undefined) headers["retry-after"] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  // RFC 9110: which verbs there are, and how a body may be packed.
  if (fault.reason === "METHOD_NOT_ALLOWED") headers.allow = fault.metadata.allow ?? "";
  if (fault.reason === "UNSUPPORTED_MEDIA" && fault.metadata.encoding) headers["accept-encoding"] = "identity";
  // HTTP wants a challenge with each 401. A missing token is no invalid one.
  if (fault.reason === "WEBHOOK_SIGNATURE") headers["www-authenticate"] = 'Webhook-Signature realm="backhaul"';
  else if (fault.code === status.UNAUTHENTICATED) {
    const cause = fault.metadata.cause === "no authorization header" ? "" : ', error="invalid_token"';
    headers["www-authenticate"] = `Bearer realm="backhaul"${cause}`;
  }
  return headers;
}

function faultOf(error: unknown, traceId: string): Fault {
  if (error instanceof DomainError) return faultOfOurs(error);
  if (isServiceError(error)) return faultOfTheirs(error, traceId);
  return internal(traceId);
}

function faultOfOurs(error: DomainError): Fault {
  const { reason, message, metadata } = error;
  return {
    code: codes[reason as keyof typeof codes] ?? status.INTERNAL,
    reason,
    message,
    metadata,
    violations: error instanceof InvalidRequest ? error.violations : undefined,
    retryAfterMs: error instanceof Unavailable || error instanceof RateLimited ? error.retryAfterMs : undefined,
  };
}

/** A failed call: the reason its service gave, or else what gRPC itself made of it. */
function faultOfTheirs(error: ServiceError, traceId: string): Fault {
  const raw = error.metadata?.get("grpc-status-details-bin")[0];
  const said = raw instanceof Buffer ? readDetails(raw) : undefined;
  if (said) return { code: error.code, message: error.details, ...said };
  const target = (error as { target?: string }).target ?? "";
  if (error.code === status.DEADLINE_EXCEEDED) {
    return faultOfOurs(new DomainError("DEADLINE_EXCEEDED", "time ran out; repeat with the same Idempotency-Key"));
  }
  if (error.code === status.UNAVAILABLE || error.code === status.CANCELLED) {
    const message = "the service behind this cannot be reached now; try again";
    return faultOfOurs(new Unavailable("UPSTREAM_UNAVAILABLE", message, { target }));
  }
  return internal(traceId);
}

function readDetails(raw: Buffer): Pick<Fault, "reason" | "metadata" | "violations" | "retryAfterMs"> | undefined {
  const find = (name: string) =>
    Status.decode(raw).details.find((d) => d.typeUrl.endsWith(`/google.rpc.${name}`))?.value;
  const info = find("ErrorInfo");
  if (!info) return undefined;
  const { reason, metadata } = ErrorInfo.decode(info);
  const bad = find("BadRequest");
  const retry = find("RetryInfo");
  const delay = retry && RetryInfo.decode(retry).retryDelay;
  return {
    reason,
    metadata,
    violations: bad && BadRequest.decode(bad).fieldViolations.map(({ field, description }) => ({ field, description })),
    retryAfterMs: delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6,
  };
}

function internal(traceId: string): Fault {
  const message = traceId ? `internal error; quote trace ${traceId} to us` : "internal error";
  return faultOfOurs(new DomainError("INTERNAL", message, traceId ? { trace_id: traceId } : {}));
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && typeof (error as { code?: unknown }).code === "number" && "details" in error;
}
