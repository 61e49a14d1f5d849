// Whether histories come in late, as after the bus was away. Then they go first: a customer who is told a minute later is
// told all the same, but what is behind must catch up with what still comes.

export type Pace = {
  /** Something that happened then was taken in now, both in business time. */
  heard(happened: Date | undefined, now: Date): void;
  behind(): boolean;
};

const lateMs = 5_000;
/** So long after the last that came late it is believed that more will. */
const heldMs = 1_000;

export function openPace(): Pace {
  let lateAt = Number.NEGATIVE_INFINITY;
  return {
    heard: (happened, now) => {
      if (happened && now.getTime() - happened.getTime() > lateMs) lateAt = performance.now();
    },
    behind: () => performance.now() - lateAt < heldMs,
  };
}
