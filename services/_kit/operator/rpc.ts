// The rpcs of backhaul.operator.v1.OperatorService, as every service answers them: check, one verb, reply.
import {
  BreakerState,
  DeadLetter,
  type DeadLetter as DeadLetterMessage,
  DeadLetterState,
  LogLevel,
  Step,
  StepFilter,
  OperatorServiceService as service,
} from "#gen/backhaul/operator/v1/operator_service.js";
import type { Duration } from "#gen/google/protobuf/duration.js";
import { byRequest } from "#kit/aggregate.js";
import type { LogLevel as LevelWord } from "#kit/log.js";
import { type Implementation, implement } from "#kit/server.js";
import { words } from "#kit/words.js";
import type { ProcessActs } from "./acts.js";
import type { Build } from "./build.js";
import type { DeadLetters, DeadLetter as Letter } from "./deadLetters.js";
import type { Duty } from "./duty.js";
import type { Level } from "./level.js";
import type { Steps, WaitingStep } from "./steps.js";

export type OperatorParts = {
  readonly service: string;
  readonly commit: string;
  readonly build: Build;
  readonly acts: ProcessActs;
  readonly letters: DeadLetters;
  readonly steps: Steps;
  readonly level: Level;
  readonly duty: Duty;
};

const letterStates = words(DeadLetterState, "DEAD_LETTER_STATE_");
const breakerStates = words(BreakerState, "BREAKER_STATE_");
const levels = words(LogLevel, "LOG_LEVEL_");
const filters = words(StepFilter, "STEP_FILTER_");
const levelForMs = 15 * 60_000;

export function operatorRpc(parts: OperatorParts): Implementation {
  const { build, acts, letters, steps, level, duty } = parts;
  const answer = (letter: Letter) => ({ deadLetter: toLetter(letter) });
  return implement(service, {
    async getBuild() {
      const { migrations, ...fixed } = build;
      const { service, commit } = parts;
      return { ...fixed, service, commit, migrations: await migrations(), drained: duty.drained() };
    },
    async getFlow() {
      const { outboxAgeMs, breakers: seen, ...flow } = await duty.flow();
      const breakers = seen.map(({ contract, word }) => ({ contract, state: breakerStates.value(word) }));
      return { ...flow, outboxAge: duration(outboxAgeMs), deadLetters: await letters.open(), breakers };
    },

    async getLogLevel() {
      const { level: now, configured, untilTime } = level.now();
      return { level: levelOf(now), configured: levelOf(configured), untilTime };
    },
    async setLogLevel(request, call) {
      let untilTime: Date | undefined;
      const spend = byRequest(service.setLogLevel, request, call, () => ({ level: request.level, untilTime }));
      return acts.once(spend, async () => {
        untilTime = level.set(wordOf(request.level), msOf(request.duration) || levelForMs);
      });
    },

    async drain(request, call) {
      let calls = 0;
      const spend = byRequest(service.drain, request, call, () => ({ calls }));
      return acts.once(spend, async () => {
        await duty.drain();
        calls = duty.calls() - 1;
      });
    },
    async undrain(request, call) {
      return acts.once(
        byRequest(service.undrain, request, call, () => ({})),
        async () => duty.undrain(),
      );
    },

    async listDeadLetters({ state, subject, ...page }) {
      const filter = { state: letterStates.word(state) ?? "OPEN", subject };
      const { rows, nextPageToken } = await letters.list(filter, page);
      return { deadLetters: rows.map(toLetter), nextPageToken };
    },
    async getDeadLetter({ eventId }) {
      return answer(await letters.find(eventId));
    },
    async replayDeadLetter(request, call) {
      const { eventId, reason } = request;
      return letters.replay(eventId, reason, byRequest(service.replayDeadLetter, request, call, answer));
    },
    async discardDeadLetter(request, call) {
      const { eventId, reason } = request;
      return letters.discard(eventId, reason, byRequest(service.discardDeadLetter, request, call, answer));
    },

    async listSteps({ filter, step, aggregateId, ...page }) {
      const { steps: found, nextPageToken } = await steps.list({ only: filters.word(filter), step, aggregateId }, page);
      return { steps: found.map(toStep), nextPageToken, counts: await steps.counts() };
    },
    async runStep(request, call) {
      return steps.run(
        request.stepId,
        byRequest(service.runStep, request, call, (step: WaitingStep) => ({ step: toStep(step) })),
      );
    },
  });
}

function toLetter({ body, state, ...letter }: Letter): DeadLetterMessage {
  const ageMs = (letter.resolveTime ?? new Date()).getTime() - letter.createTime.getTime();
  return DeadLetter.fromPartial({
    ...letter,
    state: letterStates.value(state),
    bodyBytes: body.length,
    age: duration(Math.max(0, ageMs)),
  });
}

function toStep({ epoch: _, leased: __, ...step }: WaitingStep): Step {
  return Step.fromPartial(step);
}

const levelOf = (word: LevelWord) => levels.value(word.toUpperCase() as (typeof levels.all)[number]);
const wordOf = (level: LogLevel) => (levels.word(level)?.toLowerCase() ?? "info") as LevelWord;

function duration(ms: number): Duration {
  const nanos = (Math.floor(ms) % 1000) * 1_000_000;
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos };
}

function msOf(span: Duration | undefined): number {
  return span ? Number(span.seconds) * 1000 + Math.ceil(span.nanos / 1_000_000) : 0;
}
