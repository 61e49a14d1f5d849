// What a failed call throws: one class per gRPC code, all of them BackhaulError, with the reason of the error manual, the
// metadata that goes with it and, in the message, what to do next.
import { type ServiceError, status } from "@grpc/grpc-js";
import { ErrorReason } from "../gen/backhaul/type/v1/error_reason.js";
import { mayPass, type Reason, type Refusal, refusalOf, type Violation } from "../services/_kit/refusal.js";

export type { Reason, Violation };

/** A gRPC code, as a word. */
export type Code = Exclude<keyof typeof status, "OK">;

/** Which call failed, and how. */
export type Failure = {
  readonly code: Code;
  /** What the mesh or gRPC said. */
  readonly said: string;
  /** The rpc, "backhaul.refund.v1.RefundService/GetRefund". */
  readonly rpc: string;
  /** Under which id it was sent; undefined where the rpc has none. */
  readonly requestId: string | undefined;
  readonly refusal: Refusal;
  readonly cause?: unknown;
};

/** A call that failed. `instanceof NotFound` tells its family, `isReason(error, "ORDER_NOT_FOUND")` its reason. */
export class BackhaulError<R extends Reason = Reason> extends Error {
  override readonly name: string;
  readonly code: Code;
  /** UNSPECIFIED where gRPC itself failed, or where the mesh is newer than this package: then see `reasonText`. */
  readonly reason: R;
  /** The reason to the letter; "" where gRPC itself failed. */
  readonly reasonText: string;
  /** Every variable that the message mentions. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Which fields of the request broke which rule; with reason INVALID_REQUEST. */
  readonly violations: readonly Violation[];
  /** Whether the same call may succeed later. A write is repeated with the same `requestId`. */
  readonly retryable: boolean;
  /** Milliseconds for which the mesh asks to be left alone; undefined where it does not say. */
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly rpc: string;

  constructor(failure: Failure) {
    const { code, rpc, requestId, refusal, cause } = failure;
    super(messageOf(failure), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.reason = (`ERROR_REASON_${refusal.reason}` in ErrorReason ? refusal.reason : "UNSPECIFIED") as R;
    this.reasonText = refusal.reason;
    this.metadata = refusal.metadata;
    this.violations = refusal.violations;
    this.retryable = mayPass(status[code]);
    this.retryAfterMs = refusal.retryAfterMs;
    this.requestId = requestId;
    this.rpc = rpc;
  }
}

export class InvalidArgument<R extends Reason = Reason> extends BackhaulError<R> {}
export class NotFound<R extends Reason = Reason> extends BackhaulError<R> {}
export class AlreadyExists<R extends Reason = Reason> extends BackhaulError<R> {}
export class FailedPrecondition<R extends Reason = Reason> extends BackhaulError<R> {}
export class Aborted<R extends Reason = Reason> extends BackhaulError<R> {}
export class OutOfRange<R extends Reason = Reason> extends BackhaulError<R> {}
export class Unauthenticated<R extends Reason = Reason> extends BackhaulError<R> {}
export class PermissionDenied<R extends Reason = Reason> extends BackhaulError<R> {}
export class ResourceExhausted<R extends Reason = Reason> extends BackhaulError<R> {}
export class Unavailable<R extends Reason = Reason> extends BackhaulError<R> {}
export class DeadlineExceeded<R extends Reason = Reason> extends BackhaulError<R> {}
/** Its `cause` is the signal's reason, where a signal ended it. */
export class Cancelled<R extends Reason = Reason> extends BackhaulError<R> {}
export class Unimplemented<R extends Reason = Reason> extends BackhaulError<R> {}
/** INTERNAL, UNKNOWN or DATA_LOSS: a fault of the mesh's; the metadata's trace_id finds it there. */
export class Internal<R extends Reason = Reason> extends BackhaulError<R> {}

const families: Readonly<Record<Code, typeof BackhaulError>> = {
  CANCELLED: Cancelled,
  UNKNOWN: Internal,
  INVALID_ARGUMENT: InvalidArgument,
  DEADLINE_EXCEEDED: DeadlineExceeded,
  NOT_FOUND: NotFound,
  ALREADY_EXISTS: AlreadyExists,
  PERMISSION_DENIED: PermissionDenied,
  RESOURCE_EXHAUSTED: ResourceExhausted,
  FAILED_PRECONDITION: FailedPrecondition,
  ABORTED: Aborted,
  OUT_OF_RANGE: OutOfRange,
  UNIMPLEMENTED: Unimplemented,
  INTERNAL: Internal,
  UNAVAILABLE: Unavailable,
  DATA_LOSS: Internal,
  UNAUTHENTICATED: Unauthenticated,
};

/** Whether a call was refused for one of these reasons; the compiler knows it from then on. */
export function isReason<R extends Reason>(error: unknown, ...reasons: readonly R[]): error is BackhaulError<R> {
  return error instanceof BackhaulError && (reasons as readonly Reason[]).includes(error.reason);
}

/** The error of its code's class. */
export function failed(failure: Failure): BackhaulError {
  return new families[failure.code](failure);
}

/** What a call's end in failure is to its caller: gRPC's error, the caller's own cancellation, or no token to call with. */
export function errorOf(cause: unknown, rpc: string, requestId?: string, signal?: AbortSignal): BackhaulError {
  if (cause instanceof BackhaulError) return cause;
  if (signal?.aborted) {
    return failed({ code: "CANCELLED", said: "canceled by the caller", rpc, requestId, refusal, cause: signal.reason });
  }
  const { code, details, message } = cause as ServiceError;
  if (typeof code === "number" && status[code]) {
    return failed({
      code: status[code] as Code,
      said: details || message,
      rpc,
      requestId,
      refusal: refusalOf(cause as ServiceError),
    });
  }
  return failed({ code: "UNAUTHENTICATED", said: `there is no token: ${message}`, rpc, requestId, refusal, cause });
}

const refusal: Refusal = { reason: "", metadata: {}, violations: [], retryAfterMs: undefined };

/** What to do next, where only gRPC spoke; the mesh's own refusals say it themselves. */
const advice: Readonly<Partial<Record<Code, string>>> = {
  UNAUTHENTICATED: "look at the token option",
  UNIMPLEMENTED: "the mesh there does not know this rpc: it is older, or the address is another service's",
  RESOURCE_EXHAUSTED: "ask for less at once",
  DEADLINE_EXCEEDED: "whether it was done is not known",
};

function messageOf({ code, said, rpc, requestId, refusal: { reason } }: Failure): string {
  const name = rpc.split(".").at(-1) ?? rpc;
  const repeat = requestId === undefined ? "it may be asked again" : `repeat it with the same request id, ${requestId}`;
  const next = [reason === "" ? advice[code] : undefined, mayPass(status[code]) ? repeat : undefined];
  return [`${name}: ${reason || code}: ${said}`, ...next.filter((part) => part !== undefined)].join("; ");
}
