// What a failed call says beside its code, read out of the status details: reason and metadata, broken fields, when to try
// again. The client package is built from this file too: it imports grpc-js and gen alone.
import { type ServiceError, status } from "@grpc/grpc-js";
import type { ErrorReason } from "#gen/backhaul/type/v1/error_reason.js";
import type { Any } from "#gen/google/protobuf/any.js";
import { BadRequest, ErrorInfo, RetryInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";
import { detailsKey } from "#kit/trailers.js";

/** A reason of the error manual, without its prefix. */
export type Reason = keyof typeof ErrorReason extends infer R
  ? R extends `ERROR_REASON_${infer W}`
    ? W
    : never
  : never;

/** One broken rule of a request: which field, and what is wrong with it. */
export type Violation = { readonly field: string; readonly description: string };

/** What the details say; all empty where gRPC itself failed, and nobody answered. */
export type Refusal = {
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly Violation[];
  /** How long the other side asks to be left alone; undefined where it does not say. */
  readonly retryAfterMs: number | undefined;
};

/** Whether the same call may succeed later, so that trying again makes sense. */
export function mayPass(code: status): boolean {
  return passing.has(code);
}

const passing: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.RESOURCE_EXHAUSTED,
  status.INTERNAL,
  status.UNKNOWN,
  status.CANCELLED,
]);

/** Never throws for a status without details. */
export function refusalOf(error: Pick<ServiceError, "metadata">): Refusal {
  const raw = error.metadata?.get(detailsKey)[0];
  const details = raw instanceof Buffer ? Status.decode(raw).details : [];
  const info = find(details, "ErrorInfo", ErrorInfo);
  const delay = find(details, "RetryInfo", RetryInfo)?.retryDelay;
  return {
    reason: info?.reason ?? "",
    metadata: info?.metadata ?? {},
    violations: find(details, "BadRequest", BadRequest)?.fieldViolations ?? [],
    retryAfterMs: delay && Number(delay.seconds) * 1000 + Math.ceil(delay.nanos / 1_000_000),
  };
}

function find<T>(details: readonly Any[], name: string, codec: { decode(bytes: Uint8Array): T }): T | undefined {
  const found = details.find(({ typeUrl }) => typeUrl.endsWith(`/google.rpc.${name}`));
  return found && codec.decode(found.value);
}
