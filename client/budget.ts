// How many retries the calls to one service may cost together, so that a service in trouble is not buried under them.

/** Spends tokens on retries and earns them by answers: at most `full` retries, and one more per ten answers. */
export class RetryBudget {
  #left: number;

  constructor(
    private readonly full = 10,
    private readonly earned = 0.1,
  ) {
    this.#left = full;
  }

  /** A call was answered, with whatever answer. */
  answered(): void {
    this.#left = Math.min(this.full, this.#left + this.earned);
  }

  /** Takes one retry, if there is one. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
