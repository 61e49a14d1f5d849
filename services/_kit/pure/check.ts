/**
 * The one error a pure core throws. The rpc layer turns it into a gRPC status whose ErrorInfo carries `reason` and
 * `metadata`. A broken promise inside our own code (a caller that passes a negative count) is a RangeError instead and
 * ends as INTERNAL.
 */
export class DomainError extends Error {
  override readonly name = "DomainError";

  /**
   * @param reason UPPER_SNAKE word that stands in an error_reason.proto
   * @param message says what to do next
   * @param metadata every variable that the message mentions
   */
  constructor(
    readonly reason: string,
    message: string,
    readonly metadata: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** Throws DomainError(reason, message, metadata) unless the condition holds. */
export function check(
  condition: boolean,
  reason: string,
  message: string,
  metadata: Readonly<Record<string, string>> = {},
): asserts condition {
  if (!condition) throw new DomainError(reason, message, metadata);
}
