// Which names stand in the certificate of each process: its own, and for the sandbox those of every outside system that
// it plays. Callers of a contract expect the name of the contract's package.
import { registry } from "#kit/contracts.js";
import { serverOf } from "#kit/tls.js";
import type { ServiceName } from "./services.js";

/** The names, the process's own first. */
export function certificateNames(service: ServiceName): readonly string[] {
  return service === "partners" ? ["partners", ...played()] : [service];
}

/** The packages of the contracts that the sandbox serves. */
function played(): string[] {
  const names = [...registry]
    .filter((it) => it.kind === "service" && /^backhaul\.(partner|sandbox)\./.test(it.typeName))
    .map((it) => serverOf(`/${it.typeName}`));
  return [...new Set(names)];
}
