// Makes a failing story small: takes out orders and kinds of faults, as long as the same thing goes wrong in what is left.
import { type Report, type Scenario, simulate } from "./simulate.js";
import { faultKinds } from "./world/weather.js";

/** What went wrong, whoever it happened to. */
function kindOf({ breaches: [first = ""] }: Pick<Report, "breaches">): string {
  return first
    .replace(/\b[a-z]{3}_[0-9A-Z]{26}\b/g, "…")
    .replace(/o-\d+(-\d+)?/g, "…")
    .replace(/\d+/g, "#")
    .slice(0, 80);
}

/** The smallest story found in which the same goes wrong. */
export async function shrink(failing: Report): Promise<Report> {
  const wanted = kindOf(failing);
  let smallest = failing;

  async function goesWrong(scenario: Scenario): Promise<boolean> {
    const report = await simulate(scenario);
    const same = report.breaches.length > 0 && kindOf(report) === wanted;
    if (same) smallest = report;
    return same;
  }

  for (const nth of failing.scenario.orders) {
    if (await goesWrong({ ...smallest.scenario, orders: [nth] })) break;
  }
  for (const nth of smallest.scenario.orders) {
    const { orders } = smallest.scenario;
    if (orders.length > 1) await goesWrong({ ...smallest.scenario, orders: orders.filter((one) => one !== nth) });
  }
  for (const kind of faultKinds) {
    const { without } = smallest.scenario;
    if (!without.includes(kind)) await goesWrong({ ...smallest.scenario, without: [...without, kind] });
  }
  return smallest;
}
