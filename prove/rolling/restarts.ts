// One replica after the other is told to end and started again, as a rollout does it, and what that takes.
import { setTimeout as sleep } from "node:timers/promises";
import { edgeReady, serving } from "../../scripts/mesh/ready.js";
import type { ServiceName } from "../../scripts/mesh/services.js";
import type { Desk } from "../desk.js";

export type Restart = {
  readonly service: ServiceName;
  readonly replica: number;
  /** From the signal to health saying no. */
  readonly notReadyMs: number;
  /** From the signal to the end of the process. */
  readonly exitMs: number;
  /** From its start until it is ready. */
  readonly readyMs: number;
};

/** Of those that may have several; the sandbox is one world. */
export const rolled: readonly ServiceName[] = [
  "gateway",
  "resolution",
  "eligibility",
  "collection",
  "refund",
  "inspection",
  "outreach",
  "reconciler",
];

/** A replica that is back is found by its callers before the next one goes: minReadySeconds, in Kubernetes' words. */
const backMs = 1_000;

export async function restartOne({ mesh }: Desk, service: ServiceName, replica: number): Promise<Restart> {
  const port = mesh.portsOf(service)[replica] ?? 0;
  const ready = () => (service === "gateway" ? edgeReady(port) : serving(port, mesh.identity));
  const signaledAt = performance.now();
  let notReadyMs: number | undefined;
  const ended = mesh.kill(service, "SIGTERM", replica).then(() => performance.now() - signaledAt);
  while (notReadyMs === undefined) {
    if (!(await ready())) notReadyMs = performance.now() - signaledAt;
    else await sleep(10);
  }
  const exitMs = await ended;
  const startedAt = performance.now();
  await mesh.restart(service, replica);
  const readyMs = performance.now() - startedAt;
  await sleep(backMs);
  return { service, replica, notReadyMs, exitMs, readyMs };
}
