// The floors of the law that are plain numbers of a document: clocks, deadlines, how periods are counted.
import { localDate } from "#kit/pure/calendar.js";
import type { Clock } from "../law.js";
import { endOfRight } from "../law.js";
import { onePerKey } from "./collect.js";
import { exampleOf } from "./example.js";
import { belowLaw, type Finding } from "./finding.js";
import { linesFor } from "./lines.js";
import { dayAfterDelivery, type Moment, momentsOf } from "./moments.js";
import { type Box, constraintOf, meet } from "./space.js";
import { pathOf, type Trial } from "./trial.js";

export function* floorsOfNumbers(trial: Trial): Generator<Finding> {
  const { document, law } = trial;
  yield* floorsOfCounting(trial);
  yield* floorOfClock(trial, "refund", document.clocks.refund, law.refund_clock);
  if (law.collection_clock) yield* floorOfClock(trial, "collection", document.clocks.collection, law.collection_clock);
  const { guarantee } = document.clocks;
  if (guarantee) yield* floorOfClock(trial, "guarantee", guarantee, law.refund_clock);
  if (document.handover.auto_withdrawal && law.auto_withdrawal) {
    const example = plainExample(
      trial,
      "it withdraws itself when the goods are not handed over, and the right is lost",
    );
    const problem = "a request may not withdraw itself: set it to false";
    yield belowLaw("BELOW_FLOOR", law.auto_withdrawal, "handover.auto_withdrawal", problem, example);
  }
  yield* floorOfHandover(trial);
  for (const [at, cause] of document.deductions.causes.entries()) {
    const { causes, article } = law.deductions;
    if (causes.includes(cause)) continue;
    const problem = `nothing may be deducted for ${cause}, only for ${causes.join(", ") || "nothing"}: take it out`;
    const example = plainExample(trial, `something is deducted from the refund for ${cause}`);
    yield belowLaw("BELOW_FLOOR", article, `deductions.causes[${at}]`, problem, example);
  }
}

/** From the one that is best for the customer to the one that ends first. */
const starts = ["LAST_OF_ORDER", "LAST_OF_LINE", "EACH_PARCEL"] as const;

function* floorsOfCounting(trial: Trial): Generator<Finding> {
  const { document, law } = trial;
  const { article } = law.window;
  if (law.window.last_day_moves && !document.window.last_day_moves) {
    const moment = movedMoment(trial);
    const day = moment ? localDate(moment.now, trial.calendar.timeZone) : "";
    const outcome = `the law's last day was a day of rest and gave way to ${day}, the document's did not`;
    const example = moment && exampleOf(trial, plainLine(trial), {}, moment, outcome);
    const problem = "a last day that is a day of rest has to give way: set it to true";
    yield belowLaw("BELOW_FLOOR", article, "window.last_day_moves", problem, example);
  }
  if (starts.indexOf(document.window.starts) <= starts.indexOf(law.window.starts)) return;
  const outcome = `the window has run since its first parcel, and by law it begins with another, later one`;
  const problem = `a window may begin with ${law.window.starts} or later, not with ${document.window.starts}`;
  yield belowLaw("BELOW_FLOOR", article, "window.starts", problem, plainExample(trial, outcome));
}

/** The last moment of a right whose last day gave way. */
function movedMoment(trial: Trial): Moment | undefined {
  const { law, calendar } = trial;
  const unmoved = { ...law, window: { ...law.window, last_day_moves: false } };
  for (const right of law.rights) {
    const moved = momentsOf(trial, [], [], right).find(({ times, now }) => {
      const end = endOfRight(unmoved, right, calendar, times);
      return end && end.time <= now;
    });
    if (moved) return moved;
  }
  return undefined;
}

function* floorOfClock(
  trial: Trial,
  name: "refund" | "collection" | "guarantee",
  given: Clock | null,
  most: Clock,
): Generator<Finding> {
  const span = ({ days, business_days }: Clock) => `${days} ${business_days ? "business" : "calendar"} days`;
  const path = `clocks.${name}`;
  const what = name === "collection" ? "the goods are collected" : "the money is back";
  const tell = (problem: string, outcome: string) =>
    belowLaw("BELOW_FLOOR", most.article, path, problem, plainExample(trial, outcome));
  if (!given) {
    yield tell(`the law gives ${span(most)}, the document none: say as many or fewer`, `nobody says when ${what}`);
  } else if (given.days > most.days || (given.business_days && !most.business_days)) {
    // As many business days may last longer than calendar days, never shorter.
    const more = given.business_days && !most.business_days ? "can last longer than" : "are more than";
    const problem = `${span(given)} ${more} the law's ${span(most)}: say ${span(most)} or fewer`;
    yield tell(problem, `${what} within ${span(given)} only, the law says ${span(most)}`);
  }
}

function floorOfHandover(trial: Trial): Finding[] {
  const { days, article } = trial.law.handover;
  const found = onePerKey();
  for (const { box: lines, fixed, moment } of linesFor(trial, "deadlines")) {
    for (const { rule, box } of trial.tables.split("deadlines", lines, fixed)) {
      if (rule.answer.handover_days >= days) continue;
      found.add(rule.id, box, () => {
        const outcome = `${rule.id} gives ${rule.answer.handover_days} days to hand the goods over, the law gives ${days}`;
        const problem = `${outcome}: give ${days} handover_days or more`;
        const example = exampleOf(trial, box, fixed, moment, outcome);
        return belowLaw("BELOW_FLOOR", article, pathOf(trial, "deadlines", rule.at), problem, example);
      });
    }
  }
  return found.findings();
}

/** Somebody who simply changed their mind, where the reason tree knows such people. */
function plainLine({ space }: Trial): Box {
  return meet(space.all, [constraintOf(space, "kind", (kind) => kind === "RETURN")]) ?? space.all;
}

function plainExample(trial: Trial, outcome: string) {
  return exampleOf(trial, plainLine(trial), {}, dayAfterDelivery(trial), outcome);
}
