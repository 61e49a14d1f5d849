// One cancel of a payment at a time, and some time between two: of two within a second Toss handles only the first
// (https://docs.tosspayments.com/guides/apis/cancel-payment: "1초에 2번 이상 연속으로 들어오면 첫 번째 요청만 처리됩니다"), and
// keeps its no with the second one's key. It holds for this process; two replicas may still meet, which is answered with
// FORBIDDEN_CONSECUTIVE_REQUEST and so UNAVAILABLE.
import { setTimeout as sleep } from "node:timers/promises";

export type Pace = <T>(paymentId: string, work: () => Promise<T>) => Promise<T>;

export function openPace(spacingMs: number): Pace {
  const busy = new Map<string, Promise<void>>();
  return (paymentId, work) => {
    const mine = (busy.get(paymentId) ?? Promise.resolve()).then(work);
    const free = mine.then(pause, pause).then(() => {
      if (busy.get(paymentId) === free) busy.delete(paymentId);
    });
    busy.set(paymentId, free);
    return mine;
  };

  function pause(): Promise<void> {
    return sleep(spacingMs, undefined, { ref: false });
  }
}
