// The resolution service as it is wired, on a ground of the simulation's.
import { readResolutionConfig } from "../../services/resolution/config.js";
import { wire } from "../../services/resolution/service.js";
import { resolutionReader, resolutionTwin } from "../database/resolution.js";
import type { Core } from "../world/types.js";
import { settings } from "./settings.js";

export function resolutionCore(): Core {
  const config = readResolutionConfig(settings);
  return { wire: (ground) => wire(ground, config), twin: resolutionTwin, reader: resolutionReader };
}
