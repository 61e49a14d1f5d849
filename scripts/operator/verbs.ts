// Each thing an operator may ask, and how its answer is told to a person.
import { randomUUID } from "node:crypto";
import {
  type Breaker,
  BreakerState,
  type DeadLetter,
  DeadLetterState,
  LogLevel,
  type OperatorServiceService,
  type Step,
  StepFilter,
} from "#gen/backhaul/operator/v1/operator_service.js";
import type { ClientOf } from "#kit/client.js";
import { type Words, words } from "#kit/words.js";
import { secondsOf, UsageError } from "../mesh/arguments.js";

/** What stood on the command line: options, and the words after the command. */
export type Asked = {
  readonly values: Readonly<Record<"reason" | "state" | "only" | "step" | "about" | "for", string | undefined>>;
  readonly left: readonly string[];
};
type Client = ClientOf<typeof OperatorServiceService>;
type Verb = {
  /** Whether it must say which service it means. */
  readonly changes: boolean;
  ask(client: Client, asked: Asked): Promise<unknown>;
  /** Told line by line, each indented by two. */
  // biome-ignore lint/suspicious/noExplicitAny: each tells what it asked for
  tell(answer: any): string;
};

const letterStates = words(DeadLetterState, "DEAD_LETTER_STATE_");
const breakerStates = words(BreakerState, "BREAKER_STATE_");
const filters = words(StepFilter, "STEP_FILTER_");
const levels = words(LogLevel, "LOG_LEVEL_");
const wholePage = { pageSize: 100, pageToken: "" };
const requestId = () => `operator-${randomUUID()}`;

export const verbs: Readonly<Record<string, Verb>> = {
  build: {
    changes: false,
    ask: (client) => client.getBuild({}),
    tell: ({ version, commit, contractsDigest, runtime, startTime, migrations, drained, pid }) =>
      rows([
        ["version", `${version} ${commit}`],
        ["contracts", contractsDigest.slice(0, 12)],
        ["runs on", `${runtime}, process ${pid}${drained ? ", drained" : ""}`],
        ["since", startTime.toISOString()],
        ["migrations", `${migrations.length}, the last is ${migrations.at(-1)}`],
      ]),
  },
  flow: {
    changes: false,
    ask: (client) => client.getFlow({}),
    tell: (flow) =>
      rows([
        ["outbox", `${flow.outboxWaiting} waiting, the oldest for ${flow.outboxAge.seconds} s`],
        ["inbox", flow.busConnected ? `${flow.inboxWaiting} waiting` : "the bus is away"],
        ["dead letters", `${flow.deadLetters}`],
        ["steps due", `${flow.stepsDue}`],
        ["acts not yet sealed", `${flow.actsUnsealed}`],
        ...flow.breakers.map((it: Breaker) => [
          "calls",
          `${it.contract} ${breakerStates.word(it.state)?.toLowerCase()}`,
        ]),
      ]),
  },
  "dead-letters list": {
    changes: false,
    ask: (client, { values }) => {
      const state = valueNamed(letterStates, "--state", values.state ?? "open");
      return client.listDeadLetters({ state, subject: "", ...wholePage });
    },
    tell: ({ deadLetters, nextPageToken }) => many(deadLetters.map(letterLine), nextPageToken),
  },
  "dead-letters get": {
    changes: false,
    ask: async (client, { left }) => (await client.getDeadLetter({ eventId: one(left, "EVENT") })).deadLetter,
    tell: letterLine,
  },
  "dead-letters replay": {
    changes: true,
    ask: async (client, { left, values }) => {
      const request = { requestId: requestId(), eventId: one(left, "EVENT"), reason: why(values) };
      return (await client.replayDeadLetter(request)).deadLetter;
    },
    tell: letterLine,
  },
  "dead-letters discard": {
    changes: true,
    ask: async (client, { left, values }) => {
      const request = { requestId: requestId(), eventId: one(left, "EVENT"), reason: why(values) };
      return (await client.discardDeadLetter(request)).deadLetter;
    },
    tell: letterLine,
  },
  "steps list": {
    changes: false,
    ask: (client, { values: { only, step = "", about = "" } }) => {
      const filter = only ? valueNamed(filters, "--only", only) : StepFilter.STEP_FILTER_UNSPECIFIED;
      return client.listSteps({ filter, step, aggregateId: about, ...wholePage });
    },
    tell: ({ steps, counts, nextPageToken }) => {
      const summary = counts.map(
        (c: { step: string; waiting: number; due: number; overdue: number; stuck: number }) => {
          return [c.step, `${c.waiting} waiting, ${c.due} due, ${c.overdue} overdue, ${c.stuck} stuck`];
        },
      );
      return [rows(summary), many(steps.map(stepLine), nextPageToken)].filter((text) => text !== "").join("\n");
    },
  },
  "steps run": {
    changes: true,
    ask: async (client, { left, values }) =>
      (await client.runStep({ requestId: requestId(), stepId: one(left, "STEP"), reason: why(values) })).step,
    tell: (step) => `${stepLine(step)}\n  is tried now`,
  },
  "log-level get": {
    changes: false,
    ask: (client) => client.getLogLevel({}),
    tell: ({ level, configured, untilTime }) => {
      const until = untilTime ? ` until ${untilTime.toISOString()}, then ${levels.word(configured)}` : "";
      return `  ${levels.word(level)}${until}`.toLowerCase();
    },
  },
  "log-level set": {
    changes: true,
    ask: (client, { left, values }) => {
      const level = valueNamed(levels, "the level", one(left, "LEVEL"));
      const duration = { seconds: BigInt(secondsOf(values.for ?? "15m")), nanos: 0 };
      return client.setLogLevel({ requestId: requestId(), level, duration });
    },
    tell: ({ level, untilTime }) => `  ${levels.word(level)?.toLowerCase()} until ${untilTime.toISOString()}`,
  },
  drain: {
    changes: true,
    ask: (client, { values }) => client.drain({ requestId: requestId(), reason: why(values) }),
    tell: ({ calls }) => `  out of work; ${calls} other calls under way`,
  },
  undrain: {
    changes: true,
    ask: (client, { values }) => client.undrain({ requestId: requestId(), reason: values.reason ?? "" }),
    tell: () => "  at work",
  },
};

function letterLine({ eventId, subject, state, age, deliveries, owner, reason, note }: DeadLetter): string {
  const why = note ? `${reason}; ${letterStates.word(state)?.toLowerCase()}: ${note}` : reason;
  const what = `${letterStates.word(state)?.toLowerCase()} for ${age?.seconds ?? 0} s, ${deliveries} tries`;
  return `  ${eventId}  ${subject}\n    ${what}, owner ${owner}: ${why}`;
}

function stepLine({ stepId, step, aggregateId, dueTime, attempt, lastError }: Step): string {
  const failed = lastError ? `: ${lastError}` : "";
  return `  ${stepId}  ${step} of ${aggregateId}, due ${dueTime?.toISOString()}, ${attempt} tries${failed}`;
}

function many(lines: readonly string[], nextPageToken: string): string {
  return [...(lines.length > 0 ? lines : ["  none"]), ...(nextPageToken ? ["  and more"] : [])].join("\n");
}

function rows(pairs: readonly (readonly string[])[]): string {
  const width = Math.max(0, ...pairs.map(([name = ""]) => name.length));
  return pairs.map(([name = "", value]) => `  ${name.padEnd(width)}  ${value}`).join("\n");
}

function one(left: readonly string[], name: string): string {
  const [only, ...more] = left;
  if (!only || more.length > 0) throw new UsageError(`say one ${name}`);
  return only;
}

function why({ reason }: Asked["values"]): string {
  if (!reason) throw new UsageError("--reason is missing: say why");
  return reason;
}

function valueNamed<W extends string, E extends number>(all: Words<W, E>, name: string, text: string): E {
  const word = all.all.find((one) => one.toLowerCase() === text.toLowerCase());
  if (word) return all.value(word);
  throw new UsageError(`${name} is none of ${all.all.join(", ").toLowerCase()}`);
}
