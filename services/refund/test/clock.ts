// Business time in the hands of a test: a fake of the sandbox's clock that the service under test follows.
import type { ClockServiceService, JoinClockRequest } from "#gen/backhaul/sandbox/v1/clock_service.js";
import type { Handlers } from "#kit/server.js";

/** A business clock that a test moves; resolves when everybody who follows it has the new time. */
export function fakeClock() {
  type Stream = { write(order: object): void; on(event: string, heard: (message: JoinClockRequest) => void): void };
  const streams = new Set<Stream>();
  const heard = new Map<bigint, () => void>();
  let offsetMs = 0;
  let sequence = 0n;
  function tell(stream: Stream): Promise<void> {
    sequence += 1n;
    const told = new Promise<void>((resolve) => heard.set(sequence, resolve));
    stream.write({ sequence, offsetMs: BigInt(offsetMs), askWork: false });
    return told;
  }
  const contract: Handlers<typeof ClockServiceService> = {
    getClock: async () => ({ now: new Date(Date.now() + offsetMs), offsetMs: BigInt(offsetMs) }),
    advanceClock: () => Promise.reject(new Error("the test moves it")),
    joinClock(stream: Stream) {
      stream.on("data", ({ acknowledged }) => {
        heard.get(acknowledged)?.();
        if (streams.has(stream)) return;
        streams.add(stream);
        void tell(stream);
      });
      for (const end of ["end", "error", "cancelled", "close"]) stream.on(end, () => streams.delete(stream));
    },
  };
  return {
    contract,
    now: () => new Date(Date.now() + offsetMs),
    async pass(ms: number): Promise<void> {
      offsetMs += ms;
      await Promise.all([...streams].map(tell));
    },
  };
}
