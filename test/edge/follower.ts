// Somebody who follows a resolution as a browser's EventSource does: connects again after each break, at whichever edge
// comes next, and says which event they saw last.

export type Follower = {
  /** Sequence numbers, in the order they came. */
  readonly seen: number[];
  /** How often the stream began. */
  connections(): number;
  /** Resolves at the event that says that the stream is complete. */
  readonly ended: Promise<void>;
};

// As long as a browser would wait is as long as a test would.
const againAfterMs = 30;

/** @param urls edges, taken in turn */
export function follow(
  urls: readonly string[],
  path: string,
  token: string,
  note: (sequence: number) => void = () => {},
): Follower {
  const seen: number[] = [];
  let connections = 0;
  let last = "";

  async function connected(url: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
    const response = await fetch(url + path, { headers: last ? { ...headers, "last-event-id": last } : headers });
    if (response.status >= 500 || !response.body) return false;
    if (!response.ok) throw new Error(`the stream was refused: ${response.status} ${await response.text()}`);
    connections++;
    let rest = "";
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const events = (rest + chunk).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        if (event.startsWith("event: end")) return true;
        const id = /^id: (\d+)$/m.exec(event)?.[1];
        if (id === undefined) continue;
        last = id;
        seen.push(Number(id));
        note(Number(id));
      }
    }
    return false;
  }

  async function untilTheEnd(): Promise<void> {
    for (let turn = 0; ; turn++) {
      const url = urls[turn % urls.length] as string;
      const isComplete = await connected(url).catch((error: Error) => {
        if (error.message.startsWith("the stream was refused")) throw error;
        return false; // cut off, or nobody is there now
      });
      if (isComplete) return;
      await new Promise((resolve) => setTimeout(resolve, againAfterMs));
    }
  }
  return { seen, connections: () => connections, ended: untilTheEnd() };
}
