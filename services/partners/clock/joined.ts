// The processes that follow the clock: each holds one stream open, is told the offset, and says what it has left to do.
import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { JoinClockRequest, JoinClockResponse, Work } from "#gen/backhaul/sandbox/v1/clock_service.js";

export type ClockStream = ServerDuplexStream<JoinClockRequest, JoinClockResponse>;

/** What a process answered; no work when it could not tell. */
export type Answer = { readonly instance: string; readonly work: Work | undefined };

/** The processes that joined. */
export type Joined = {
  accept(stream: ClockStream): void;
  /** Tells everybody the offset; resolves when all who are still there have taken it over, with what they answered. */
  tell(askWork: boolean): Promise<Answer[]>;
  /** Who has not answered yet, or went away a moment ago and is expected back. */
  absent(): string[];
  /** Ends every stream; whoever joins from now on is sent away. */
  close(): void;
};

type Process = {
  instance: string;
  readonly stream: ClockStream;
  readonly waiting: Map<bigint, (work: Work | undefined) => void>;
};

/** A stream also breaks because its connection got old; its process is back within half a second. */
const expectedBackMs = 1_000;
/** After a restart of the clock itself it takes them longer: they wait between attempts. */
const expectedBackAfterRestartMs = 3_000;

/**
 * Nobody joined yet. A clock that was moved before (`offsetMs` is not 0) was followed before, by processes it has
 * forgotten: for a moment nobody can say that all are at rest.
 */
export function openJoined(offsetMs: () => number): Joined {
  const processes = new Set<Process>();
  const wentAway = new Map<string, number>();
  const restartedAt = offsetMs() === 0 ? Number.NEGATIVE_INFINITY : Date.now();
  let sequence = 0n;
  let closed = false;

  function order(process: Process, askWork: boolean): void {
    sequence++;
    process.stream.write({ sequence, offsetMs: BigInt(offsetMs()), askWork });
  }

  function heard(process: Process, { service, instance, acknowledged, work }: JoinClockRequest): void {
    if (!processes.has(process)) {
      process.instance = instance || service;
      processes.add(process);
      wentAway.delete(process.instance);
      order(process, false);
      return;
    }
    process.waiting.get(acknowledged)?.(work?.sequence === acknowledged ? work : undefined);
    process.waiting.delete(acknowledged);
  }

  function forget(process: Process): void {
    if (!processes.delete(process)) return;
    if (!closed) wentAway.set(process.instance, Date.now());
    for (const resolve of process.waiting.values()) resolve(undefined);
  }

  return {
    accept: (stream) => {
      if (closed) return void stream.end();
      const process: Process = { instance: "", stream, waiting: new Map() };
      stream.on("data", (said: JoinClockRequest) => heard(process, said));
      stream.on("end", () => {
        forget(process);
        stream.end();
      });
      stream.on("cancelled", () => forget(process));
      stream.on("error", () => forget(process));
    },
    tell: (askWork) =>
      Promise.all(
        [...processes].map(async (process) => {
          const work = await new Promise<Work | undefined>((resolve) => {
            process.waiting.set(sequence + 1n, resolve);
            order(process, askWork);
          });
          return { instance: process.instance, work };
        }),
      ),
    absent: () => {
      for (const [instance, at] of wentAway) if (Date.now() - at > expectedBackMs) wentAway.delete(instance);
      const silent = [...processes].filter(({ waiting }) => waiting.size > 0).map(({ instance }) => instance);
      const forgotten =
        Date.now() - restartedAt < expectedBackAfterRestartMs ? ["who followed before the restart"] : [];
      return [...silent, ...wentAway.keys(), ...forgotten];
    },
    close: () => {
      closed = true;
      for (const { stream } of processes) stream.end();
    },
  };
}
