// @backhaul/client/sandbox: the outside systems that a test mesh plays, for tests: orders, scenarios, the clock.
import * as sandbox from "../gen/client/sandbox.js";
import { clientsOf } from "./backhaul.js";
import type { BackhaulOptions } from "./options.js";
import type { ClientsOf } from "./shape.js";

export type Sandbox = ClientsOf<typeof sandbox>;

/** The sandbox at its address. @throws as createBackhaul does */
export function createSandbox(options: BackhaulOptions<"sandbox">): Sandbox {
  return clientsOf(sandbox, options);
}
