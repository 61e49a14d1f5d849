// The refund service as it is wired, on a ground of the simulation's.
import { readRefundConfig } from "../../services/refund/config.js";
import { openPolicies } from "../../services/refund/policies.js";
import { wire } from "../../services/refund/service.js";
import { refundTwin } from "../database/refund.js";
import type { Core } from "../world/types.js";
import { settings } from "./settings.js";

export function refundCore(): Core {
  const config = readRefundConfig(settings);
  const policies = openPolicies("");
  return { wire: (ground) => wire(ground, config, policies), twin: refundTwin };
}
