// Errors both ways: a DomainError leaves a service as a gRPC status with one google.rpc.ErrorInfo, and comes in at the
// caller as an RpcError with the same reason and metadata. Which code a reason has stands in error_reason.proto, too;
// a test holds the two together.
import { Metadata, type ServiceError, type StatusObject, status } from "@grpc/grpc-js";
import type { Any } from "#gen/google/protobuf/any.js";
import { BadRequest, ErrorInfo, RetryInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";
import { DomainError } from "#kit/pure/check.js";
import { mayPass, type Reason, refusalOf, type Violation } from "#kit/refusal.js";
import { detailsKey, pushbackKey } from "#kit/trailers.js";

export type { Violation };

/** The gRPC code each reason comes with. */
export const codes: Readonly<Record<Exclude<Reason, "UNSPECIFIED">, status>> = {
  INVALID_REQUEST: status.INVALID_ARGUMENT,
  MALFORMED_BODY: status.INVALID_ARGUMENT,
  IDEMPOTENCY_KEY_MISSING: status.INVALID_ARGUMENT,
  PAGE_TOKEN_INVALID: status.INVALID_ARGUMENT,
  BODY_TOO_LARGE: status.INVALID_ARGUMENT,
  REQUEST_ID_REUSED: status.ALREADY_EXISTS,
  CONTENTION: status.ABORTED,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  ROLE_NOT_ALLOWED: status.PERMISSION_DENIED,
  ROUTE_NOT_FOUND: status.NOT_FOUND,
  STORE_UNAVAILABLE: status.UNAVAILABLE,
  UPSTREAM_UNAVAILABLE: status.UNAVAILABLE,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  INTERNAL: status.INTERNAL,
  DRAINING: status.UNAVAILABLE,
  ORDER_NOT_FOUND: status.NOT_FOUND,
  LINE_NOT_IN_ORDER: status.FAILED_PRECONDITION,
  UNITS_EXCEED_PURCHASED: status.FAILED_PRECONDITION,
  UNITS_UNAVAILABLE: status.FAILED_PRECONDITION,
  NO_POLICY: status.FAILED_PRECONDITION,
  REASON_UNKNOWN: status.FAILED_PRECONDITION,
  RESOLUTION_NOT_FOUND: status.NOT_FOUND,
  RESOLUTION_STATE: status.FAILED_PRECONDITION,
  ALREADY_HANDED_OVER: status.FAILED_PRECONDITION,
  COLLECTION_NOT_FOUND: status.NOT_FOUND,
  COLLECTION_STATE: status.FAILED_PRECONDITION,
  SLOT_GONE: status.FAILED_PRECONDITION,
  INSPECTION_NOT_FOUND: status.NOT_FOUND,
  INSPECTION_STATE: status.FAILED_PRECONDITION,
  FINDINGS_UNBALANCED: status.FAILED_PRECONDITION,
  REFUND_NOT_FOUND: status.NOT_FOUND,
  REFUND_STATE: status.FAILED_PRECONDITION,
  REFUND_EXCEEDS_CAPTURED: status.FAILED_PRECONDITION,
  CURRENCY_MISMATCH: status.INVALID_ARGUMENT,
  CURRENCY_UNKNOWN: status.INVALID_ARGUMENT,
  MONEY_INVALID: status.INVALID_ARGUMENT,
  SELF_APPROVAL: status.PERMISSION_DENIED,
  ACCOUNT_NOT_VERIFIED: status.FAILED_PRECONDITION,
  BREAK_NOT_FOUND: status.NOT_FOUND,
  BREAK_STATE: status.FAILED_PRECONDITION,
  POLICY_BROKEN: status.INVALID_ARGUMENT,
  POLICY_NOT_FOUND: status.NOT_FOUND,
  POLICY_STATE: status.FAILED_PRECONDITION,
  POLICY_BELOW_FLOOR: status.FAILED_PRECONDITION,
  DECISION_NOT_FOUND: status.NOT_FOUND,
  DATE_INVALID: status.INVALID_ARGUMENT,
  CALENDAR_INVALID: status.FAILED_PRECONDITION,
  CALENDAR_RANGE: status.FAILED_PRECONDITION,
  SIMULATION_NOT_FOUND: status.NOT_FOUND,
  LIST_ENTRY_NOT_FOUND: status.NOT_FOUND,
  WEBHOOK_SIGNATURE: status.UNAUTHENTICATED,
  PARTNER_REFUSED: status.FAILED_PRECONDITION,
  SOLD_OUT: status.FAILED_PRECONDITION,
  CLOCK_BACKWARDS: status.INVALID_ARGUMENT,
  CLOCK_NOT_SETTLED: status.DEADLINE_EXCEEDED,
  PARTNER_NOT_FOUND: status.NOT_FOUND,
  LIST_ENTRY_STATE: status.FAILED_PRECONDITION,
  LIST_ENTRY_INVALID: status.INVALID_ARGUMENT,
  DECISION_MISMATCH: status.FAILED_PRECONDITION,
  EVIDENCE_MISSING: status.INVALID_ARGUMENT,
  DECISION_OVERRIDDEN: status.FAILED_PRECONDITION,
  CARRIER_MESSAGE_UNREADABLE: status.INVALID_ARGUMENT,
  MEDIA_TOO_LARGE: status.INVALID_ARGUMENT,
  MEDIA_NOT_IMAGE: status.INVALID_ARGUMENT,
  MEDIA_HASH_MISMATCH: status.FAILED_PRECONDITION,
  PARCELS_OUTSTANDING: status.FAILED_PRECONDITION,
  INSPECTION_DONE: status.FAILED_PRECONDITION,
  UNIT_UNKNOWN: status.NOT_FOUND,
  DEDUCTION_NOT_ALLOWED: status.FAILED_PRECONDITION,
  SECOND_INSPECTOR: status.FAILED_PRECONDITION,
  FINDING_ESCALATED: status.FAILED_PRECONDITION,
  UNITS_NOT_RECEIVED: status.FAILED_PRECONDITION,
  PARCEL_AMBIGUOUS: status.FAILED_PRECONDITION,
  PARCEL_ALREADY_SCANNED: status.FAILED_PRECONDITION,
  PARCEL_NOT_EXPECTED: status.NOT_FOUND,
  QUARANTINE_NOT_FOUND: status.NOT_FOUND,
  QUARANTINE_STATE: status.FAILED_PRECONDITION,
  DISPUTE_NOT_FOUND: status.NOT_FOUND,
  DISPUTE_STATE: status.FAILED_PRECONDITION,
  DISPUTE_TOO_LATE: status.FAILED_PRECONDITION,
  CUSTODY_FULL: status.FAILED_PRECONDITION,
  ALREADY_DELIVERED: status.FAILED_PRECONDITION,
  SHIPMENT_NOT_FOUND: status.NOT_FOUND,
  ORIGIN_NOT_FULFILLED: status.FAILED_PRECONDITION,
  EXCHANGE_CHAIN_TOO_LONG: status.FAILED_PRECONDITION,
  ASSIGNED_TO_OTHER: status.FAILED_PRECONDITION,
  QUEUE_NOT_FOUND: status.NOT_FOUND,
  QUEUE_EMPTY: status.FAILED_PRECONDITION,
  QUEUE_CHANGED: status.FAILED_PRECONDITION,
  NOTE_NOT_FOUND: status.NOT_FOUND,
  NOTE_CHANGED: status.FAILED_PRECONDITION,
  HOLD_TOO_LONG: status.FAILED_PRECONDITION,
  DEADLINE_NOT_EXTENDED: status.FAILED_PRECONDITION,
  POLICY_REFUSES: status.FAILED_PRECONDITION,
  STEP_NOT_STUCK: status.FAILED_PRECONDITION,
  STEP_NOT_SKIPPABLE: status.FAILED_PRECONDITION,
  ATTENTION_STAYS: status.FAILED_PRECONDITION,
  BULK_NOT_FOUND: status.NOT_FOUND,
  EXPORT_NOT_FOUND: status.NOT_FOUND,
  EXPORT_CHANGED: status.FAILED_PRECONDITION,
  DISPUTE_OPEN: status.FAILED_PRECONDITION,
  WEBHOOK_SUBSCRIPTION_NOT_FOUND: status.NOT_FOUND,
  WEBHOOK_URL_REFUSED: status.INVALID_ARGUMENT,
  WEBHOOK_EVENT_UNKNOWN: status.INVALID_ARGUMENT,
  WEBHOOK_DELIVERY_NOT_FOUND: status.NOT_FOUND,
  WEBHOOK_STATE: status.FAILED_PRECONDITION,
  WEBHOOK_SUBSCRIPTIONS_TOO_MANY: status.FAILED_PRECONDITION,
  NOTICE_TEMPLATE_UNKNOWN: status.INVALID_ARGUMENT,
  NOTICE_TEMPLATE_BROKEN: status.INVALID_ARGUMENT,
  ADDRESS_NOT_SERVED: status.FAILED_PRECONDITION,
  NETWORK_NOT_FOUND: status.NOT_FOUND,
  PARCEL_UNITS: status.INVALID_ARGUMENT,
  PARCELS_TOO_MANY: status.INVALID_ARGUMENT,
  PARCELS_TOO_LATE: status.FAILED_PRECONDITION,
  PARCELS_SPLIT_BEFORE: status.FAILED_PRECONDITION,
  WAYBILL_TAKEN: status.FAILED_PRECONDITION,
  WAYBILL_INVALID: status.INVALID_ARGUMENT,
  HAND_OVER_CODE_WRONG: status.FAILED_PRECONDITION,
  HAND_OVER_LOCKED: status.FAILED_PRECONDITION,
  HAND_OVER_CODE_NONE: status.FAILED_PRECONDITION,
  DEAD_LETTER_NOT_FOUND: status.NOT_FOUND,
  DEAD_LETTER_STATE: status.FAILED_PRECONDITION,
  DEAD_LETTER_REFUSED: status.FAILED_PRECONDITION,
  STEP_NOT_FOUND: status.NOT_FOUND,
  STEP_NOT_DUE: status.FAILED_PRECONDITION,
  METHOD_NOT_ALLOWED: status.UNIMPLEMENTED,
  UNSUPPORTED_MEDIA: status.INVALID_ARGUMENT,
  RATE_LIMITED: status.RESOURCE_EXHAUSTED,
  OVERLOADED: status.UNAVAILABLE,
  ISSUER_KEYS_UNAVAILABLE: status.UNAVAILABLE,
  PEER_NOT_ALLOWED: status.PERMISSION_DENIED,
  PEER_TOKEN_MISMATCH: status.PERMISSION_DENIED,
  PERSONAL_KEY_MISSING: status.UNAVAILABLE,
  PERSONAL_DATA_ERASED: status.FAILED_PRECONDITION,
  GUEST_CODE_LIMITED: status.RESOURCE_EXHAUSTED,
  GUEST_CODE_WRONG: status.FAILED_PRECONDITION,
  API_KEY_NOT_FOUND: status.NOT_FOUND,
  API_KEY_STATE: status.FAILED_PRECONDITION,
  SCOPE_NOT_ALLOWED: status.PERMISSION_DENIED,
  ERASURE_NOT_FOUND: status.NOT_FOUND,
  ERASURE_STATE: status.FAILED_PRECONDITION,
  SELLER_CASE_NOT_FOUND: status.NOT_FOUND,
  SELLER_CASE_STATE: status.FAILED_PRECONDITION,
  SELLER_NOT_FOUND: status.NOT_FOUND,
  CLOCK_SKEWED: status.UNAVAILABLE,
};

const errorDomain = "backhaul";

// A status travels in the trailers, and a peer that gets more of those than it takes drops them: its caller would wait for
// an answer until its time is over.
const mostViolations = 20;
const longest = { field: 100, description: 200, message: 1000, value: 300 };

/** A request that breaks its contract's rules: the first of them listed, and how many more there are. */
export class InvalidRequest extends DomainError {
  readonly violations: readonly Violation[];

  constructor(all: readonly Violation[]) {
    const violations = all.slice(0, mostViolations).map(({ field, description }) => ({
      field: cut(field, longest.field),
      description: cut(description, longest.description),
    }));
    const more = all.length > violations.length ? `; and ${all.length - violations.length} more` : "";
    super("INVALID_REQUEST", violations.map((v) => `${v.field}: ${v.description}`).join("; ") + more, {});
    this.violations = violations;
  }
}

/** Something we need cannot be reached, or was asked for too often; the caller may try again after `retryAfterMs`. */
export class Unavailable extends DomainError {
  constructor(
    reason:
      | "STORE_UNAVAILABLE"
      | "UPSTREAM_UNAVAILABLE"
      | "DRAINING"
      | "OVERLOADED"
      | "ISSUER_KEYS_UNAVAILABLE"
      | "GUEST_CODE_LIMITED"
      | "CLOCK_SKEWED",
    message: string,
    metadata: Record<string, string> = {},
    readonly retryAfterMs = 1000,
  ) {
    super(reason, message, metadata);
  }
}

/** What a caller gets when a call failed: the other side's reason and metadata, or what gRPC itself said. */
export class RpcError extends Error {
  override readonly name = "RpcError";

  constructor(
    readonly code: status,
    readonly reason: string,
    message: string,
    readonly metadata: Readonly<Record<string, string>>,
    readonly method: string,
    /** How long the other side asks to be left alone; undefined where it does not say. */
    readonly retryAfterMs?: number | undefined,
  ) {
    super(message);
  }

  /** Whether the same call may succeed later, so that trying again makes sense. */
  get retryable(): boolean {
    return mayPass(this.code);
  }
}

/**
 * What went wrong as words of ours: the reason, with a partner's own code where it gave one. Never the message, which may
 * quote what anybody wrote.
 */
export function briefOf(error: unknown): string {
  const { reason, code, name, metadata } = (error ?? {}) as {
    reason?: unknown;
    code?: unknown;
    name?: unknown;
    metadata?: { readonly code?: unknown };
  };
  if (isCode(reason)) return isCode(metadata?.code) ? `${reason} ${metadata.code}` : reason;
  if (error instanceof RpcError) return status[error.code] ?? "UNKNOWN";
  if (isCode(code)) return code;
  return isCode(name) ? name : "Error";
}

function isCode(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9][\w.-]{0,59}$/.test(value);
}

/** The status that tells a caller of this error. Anything unexpected becomes INTERNAL and gives nothing away. */
export function toStatus(error: unknown, traceId: string): Partial<StatusObject> {
  if (error instanceof DomainError) return domainStatus(error);
  if (error instanceof RpcError) return passedOn(error);
  return domainStatus(
    new DomainError("INTERNAL", `internal error; quote trace ${traceId} to us`, { trace_id: traceId }),
  );
}

/** A failed call to somebody else, told to our own caller: their reason if they gave one, else that they are away. */
function passedOn(error: RpcError): Partial<StatusObject> {
  if (error.reason in codes) {
    return domainStatus(new DomainError(error.reason, error.message, error.metadata), error.retryAfterMs);
  }
  if (error.code === status.DEADLINE_EXCEEDED || error.code === status.CANCELLED) {
    return domainStatus(new DomainError("DEADLINE_EXCEEDED", "time ran out; repeat with the same request_id"));
  }
  return domainStatus(
    new Unavailable("UPSTREAM_UNAVAILABLE", `${error.method} cannot be reached now; try again`, {
      target: error.method,
    }),
  );
}

function domainStatus(
  error: DomainError,
  retryAfterMs = error instanceof Unavailable ? error.retryAfterMs : undefined,
): Partial<StatusObject> {
  const code = codes[error.reason as keyof typeof codes] ?? status.INTERNAL;
  const message = cut(error.message, longest.message);
  const values = Object.entries(error.metadata).map(([name, value]) => [name, cut(value, longest.value)]);
  const info = ErrorInfo.fromPartial({
    reason: error.reason,
    domain: errorDomain,
    metadata: Object.fromEntries(values),
  });
  const details = [any("google.rpc.ErrorInfo", ErrorInfo.encode(info).finish())];
  if (error instanceof InvalidRequest) {
    const bad = BadRequest.fromPartial({ fieldViolations: error.violations.map((v) => ({ ...v })) });
    details.push(any("google.rpc.BadRequest", BadRequest.encode(bad).finish()));
  }
  if (retryAfterMs !== undefined) {
    const seconds = BigInt(Math.floor(retryAfterMs / 1000));
    const nanos = (retryAfterMs % 1000) * 1_000_000;
    details.push(
      any("google.rpc.RetryInfo", RetryInfo.encode(RetryInfo.fromPartial({ retryDelay: { seconds, nanos } })).finish()),
    );
  }
  const metadata = new Metadata();
  if (triedBelow.has(error.reason)) metadata.set(pushbackKey, "-1");
  metadata.set(detailsKey, Buffer.from(Status.encode(Status.fromPartial({ code, message, details })).finish()));
  return { code, details: message, metadata };
}

/** What was tried again already, or would be the same in a moment: the hop that hears of it does not try again. */
const triedBelow: ReadonlySet<string> = new Set(["UPSTREAM_UNAVAILABLE", "CLOCK_SKEWED"]);

/** Half a letter of two, as a cut may leave it, is none that gRPC could send: it ends the process that tries. */
function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text.toWellFormed();
}

function any(name: string, value: Uint8Array): Any {
  return { typeUrl: `type.googleapis.com/${name}`, value: Buffer.from(value) };
}

/** The error a failed call is for its caller. */
export function fromServiceError(error: ServiceError, method: string): RpcError {
  const { reason, metadata, retryAfterMs } = refusalOf(error);
  return new RpcError(error.code, reason, error.details || error.message, metadata, method, retryAfterMs);
}
