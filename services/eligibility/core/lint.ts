// Whether a document that has the right shape also makes sense, and gives no less than the law. Asked by the authors'
// command, when a draft is checked, and before a version is approved or put in force. In three steps, since each leans on
// the one before: what people read; whether the tables read, because zen's fail silently; and what they say, tried on
// every line that they tell apart.
import { DomainError } from "#kit/pure/check.js";
import { type PolicyDocument, parseDocument } from "./document.js";
import { lintFloors } from "./floors.js";
import { lawOf } from "./law.js";
import { lintReminders } from "./lint/answers.js";
import { type Finding, fault } from "./lint/finding.js";
import { lintHead, lintReasons } from "./lint/head.js";
import { lintLater } from "./lint/later.js";
import { lintOverlaps } from "./lint/overlaps.js";
import { lintReach } from "./lint/reach.js";
import { lintRisk } from "./lint/risk.js";
import { TooComplex } from "./lint/split.js";
import { lintTables } from "./lint/tables.js";
import { lintTiers } from "./lint/tiers.js";
import { trialOf } from "./lint/trial.js";
import { lintWording } from "./lint/wording.js";

export { type Counterexample, type Finding, type FindingCode, findingCodes } from "./lint/finding.js";

/** Everything there is to say about a document, errors first. Takes some 0.1 s of CPU, 1.5 s for one that tells much apart. */
export function findings(document: PolicyDocument): Finding[] {
  const tables = [...lintTables(document)];
  const head = [...lintHead(document), ...lintReasons(document)];
  // Tables that do not read, a law that is not understood and a calendar without a workday can judge nothing.
  const isReady = tables.length === 0 && !head.some(({ path }) => /^(law|civil)\b/.test(path));
  const rest = isReady ? [...lintReminders(document), ...tried(document)] : [];
  const all = [...head, ...tables, ...lintWording(document), ...rest];
  return [...all.filter(isError), ...all.filter((finding) => !isError(finding))];
}

/** The same of a text that may not even be a document. */
export function findingsOfText(json: string): Finding[] {
  let document: PolicyDocument;
  try {
    document = parseDocument(json);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { path = "document", problem = error.message } = error.metadata;
    return [fault("DOCUMENT_BROKEN", path, problem)];
  }
  return findings(document);
}

/**
 * Refuses a document that could misjudge, or that gives less than the law.
 * @throws DomainError POLICY_BELOW_FLOOR with article, path and counterexample of the first right it takes away;
 * POLICY_BROKEN with path and problem of the first fault; the message names all
 */
export function assertSound(document: PolicyDocument): void {
  const errors = findings(document).filter(isError);
  const [first] = errors;
  if (!first) return;
  const below = errors.filter(({ article }) => article !== "");
  const [worst = first] = below;
  const { article, path, message: problem, counterexample } = worst;
  if (article === "") {
    throw new DomainError("POLICY_BROKEN", `mend ${errors.length} in the document: ${listed(errors)}`, {
      path,
      problem,
    });
  }
  throw new DomainError("POLICY_BELOW_FLOOR", `the document takes away statutory rights: ${listed(below)}`, {
    article,
    path,
    counterexample: counterexample?.text ?? "",
  });
}

const isError = ({ severity }: Finding) => severity === "ERROR";

/** So many are named; more would fill the screen of whoever has to mend them. */
const most = 20;

function listed(all: readonly Finding[]): string {
  const named = all
    .slice(0, most)
    .map(({ path, message, article }) => `${path}: ${message}${article && ` (${article})`}`);
  return [...named, ...(all.length > most ? [`and ${all.length - most} more`] : [])].join(" · ");
}

/** What the tables say, tried. @param document whose tables read */
function tried(document: PolicyDocument): Finding[] {
  const law = lawOf(document);
  if (!law) return [];
  const trial = trialOf(document, law);
  try {
    return [lintFloors, lintRisk, lintTiers, lintLater, lintReach, lintOverlaps].flatMap((lint) => lint(trial));
  } catch (error) {
    if (!(error instanceof TooComplex)) throw error;
    return [fault("TOO_COMPLEX", "tables", `${error.message} to hold them against the law: merge some rules`)];
  }
}
