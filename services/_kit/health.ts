// What the gRPC health service says of a process. Two questions are kept apart: whether it lives, which depends on nobody
// else, so that a lost database never has every process restarted; and whether it is worth sending calls to.
import type { Server } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";

/** What is said, and under which names. */
export type Health = {
  addTo(server: Server): void;
  /** For "", "readiness" and each contract; "liveness" is always yes. */
  setReady(ready: boolean): void;
  /** A condition by its own name, which takes nobody out of rotation. */
  set(condition: string, holds: boolean): void;
};

const word = (yes: boolean) => (yes ? "SERVING" : "NOT_SERVING");

export function openHealth(contracts: readonly string[]): Health {
  const names = ["", "readiness", ...contracts];
  const said = new HealthImplementation({
    liveness: "SERVING",
    ...Object.fromEntries(names.map((name) => [name, word(true)] as const)),
  });
  return {
    addTo: (server) => said.addToServer(server),
    setReady: (ready) => {
      for (const name of names) said.setStatus(name, word(ready));
    },
    set: (condition, holds) => said.setStatus(condition, word(holds)),
  };
}
