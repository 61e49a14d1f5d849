// The collection and inspection services as they are wired, on a ground of the simulation's.
import { readCollectionConfig } from "../../services/collection/config.js";
import { wire as wireCollection } from "../../services/collection/service.js";
import { readInspectionConfig } from "../../services/inspection/config.js";
import { wire as wireInspection } from "../../services/inspection/service.js";
import { collectionReader, collectionTwin } from "../database/collection.js";
import { inspectionReader, inspectionTwin } from "../database/inspection.js";
import type { Core } from "../world/types.js";
import { settings } from "./settings.js";

export function collectionCore(): Core {
  const config = readCollectionConfig(settings);
  return { wire: (ground) => wireCollection(ground, config), twin: collectionTwin, reader: collectionReader };
}

export function inspectionCore(): Core {
  const config = readInspectionConfig(settings);
  return { wire: (ground) => wireInspection(ground, config), twin: inspectionTwin, reader: inspectionReader };
}
