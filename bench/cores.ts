// Which cores a process may use. Whoever offers more than can be done must not take from those who do it: else what is
// measured is how the machine divides itself.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { withChildren } from "./cpu.js";

/** Gives the client the last core and the mesh all others; undone by `close`. */
export type Apart = { readonly how: string; close(): void };

/** Sets the two apart, with all that they started; where the system cannot, they share, and `how` says so. */
export function setApart(client: readonly number[], mesh: readonly number[]): Apart {
  const last = cpus().length - 1;
  const done = last > 0 && keepTo(`${last}`, client) && keepTo(`0-${last - 1}`, mesh);
  return {
    how: done ? `the client on a core of its own, the mesh on ${last}` : "client and mesh share the cores",
    close: () => {
      for (const pids of [client, mesh]) keepTo(`0-${last}`, pids);
    },
  };
}

/** False where there is no taskset (it is Linux's). */
function keepTo(cores: string, pids: readonly number[]): boolean {
  return withChildren(pids).every((pid) => spawnSync("taskset", ["-acp", cores, String(pid)]).status === 0);
}
