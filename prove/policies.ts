// What holds of every order whatever the documents say, and that the linter lets no document in that takes a right away:
// shipped documents are changed at random, and whoever passes is asked about random orders without the law behind it.
import fc from "fast-check";
import { parseDocument } from "../services/eligibility/core/document.js";
import { compileAlone } from "../services/eligibility/core/engine.js";
import { findingsOfText } from "../services/eligibility/core/lint.js";
import { mutants, mutated } from "../services/eligibility/test/mutants.js";
import { anything, deniedBy, neverLessHigher, neverMoreLater } from "../services/eligibility/test/orders.js";
import { counter, number, type Proof, type Say } from "./proof.js";

const orders = 200_000;
const documents = 2_000;
const ordersEach = 400;

export async function provenPolicies(say: Say): Promise<Proof[]> {
  return [
    proven("asking later never turns a no into a yes", say, fc.property(anything, neverMoreLater)),
    proven("a higher tier never gets less", say, fc.property(anything, fc.nat(), fc.nat(), neverLessHigher)),
    provenLinter(say),
  ];
}

function proven<T>(what: string, say: Say, property: fc.IProperty<T>): Proof {
  say(`  ${number(orders)} orders: ${what}`);
  const result = fc.check(property, { numRuns: orders });
  const asked = `${number(orders)} random orders of three markets: ${what}`;
  const counted = result.failed
    ? `failed after ${number(result.numRuns)}: seed ${result.seed}, path ${result.counterexamplePath}`
    : `${number(result.numRuns)} orders, 0 failed (seed ${result.seed})`;
  return { asked, counted, ok: !result.failed };
}

function provenLinter(say: Say): Proof {
  const told = counter(say, "changed documents", documents);
  let [refused, judged] = [0, 0];
  const denied: string[] = [];
  fc.sample(mutants, documents).forEach((mutant, nth) => {
    told(nth);
    const json = mutated(mutant);
    if (findingsOfText(json).some(({ severity }) => severity === "ERROR")) {
      refused++;
      return;
    }
    const policy = compileAlone(parseDocument(json));
    const mine = anything.filter(({ market }) => market === mutant.market);
    for (const order of fc.sample(mine, ordersEach)) {
      judged++;
      const what = deniedBy(policy, order);
      if (what) denied.push(`${what} (${JSON.stringify(mutant)})`);
    }
  });
  const passed = documents - refused;
  return {
    asked: `${number(documents)} documents changed at random: none that passes the linter denies an order what the law grants, or charges what it forbids`,
    counted: `${number(refused)} refused; ${number(passed)} passed and judged ${number(judged)} random orders: ${denied.length} denied${denied.length > 0 ? `, e.g. ${denied[0]}` : ""}`,
    ok: denied.length === 0 && refused > 0 && passed > 0,
  };
}
