// Places where a process may be made to die, to prove that it matters to nobody: FAILPOINT=refund.pay.answered:3 kills
// it, as kill -9 would, when it comes to that place for the third time. Without the setting a place costs one look.

type Armed = { readonly name: string; left: number };

const armed = parse(process.env.FAILPOINT ?? "");

/** A place to die at. */
export function failpoint(name: string): void {
  if (armed === undefined || armed.name !== name) return;
  armed.left--;
  if (armed.left === 0) process.kill(process.pid, "SIGKILL");
}

function parse(text: string): Armed | undefined {
  if (text === "") return undefined;
  const [, name, nth] = /^([a-z.]+):([1-9]\d*)$/.exec(text) ?? [];
  if (!name) throw new Error(`FAILPOINT="${text}" is not of the form name:nth, e.g. refund.pay.answered:1`);
  return { name, left: Number(nth) };
}
