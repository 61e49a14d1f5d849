// Everything that can go wrong in a trial.
import { busFaults } from "./bus.js";
import { clockFaults } from "./clock.js";
import { databaseFaults } from "./database.js";
import { deliveryFaults } from "./deliveries.js";
import type { Kind } from "./fault.js";
import { kills } from "./kills.js";
import { networkFaults } from "./network.js";
import { outsideFaults } from "./outside.js";

export const kinds: readonly Kind[] = [
  ...kills,
  ...busFaults,
  ...databaseFaults,
  ...networkFaults,
  ...deliveryFaults,
  ...clockFaults,
  ...outsideFaults,
];
