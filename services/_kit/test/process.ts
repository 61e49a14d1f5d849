// A process for main.test.ts: it serves nothing, and does on demand what no process should.
import { runProcess } from "#kit/main.js";

const acts: Readonly<Record<string, () => unknown>> = {
  throws: () =>
    setTimeout(() => {
      throw new Error("nobody saw this coming");
    }, 10),
  rejects: () => void Promise.reject(new Error("nobody waits for this")),
  "takes too long to stop": () => {},
  "starts for ever": () => new Promise(() => {}),
};
const act = process.env.ACT ?? "";

await runProcess(
  "test",
  () => ({}),
  async () => {
    const keepsRunning = setInterval(() => {}, 1_000);
    await acts[act]?.();
    console.log("up");
    return {
      port: 0,
      conditions: () => ({ ready: false, parts: { postgres: false } }),
      stop: async () => {
        if (act === "takes too long to stop") await new Promise(() => {});
        clearInterval(keepsRunning);
      },
    };
  },
);
