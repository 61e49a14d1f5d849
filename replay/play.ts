/**
 * Plays the record against a running mesh, day by day, business time following it: a day's orders are imported, each
 * request goes out at its recorded minute under its customer's own token, and at midnight the mesh finishes what fell
 * due. After the last day it goes on for a while, until what was accepted has come to its end.
 *
 * Request ids are the record's own, so playing the same part again gets the same answers and changes nothing; a replay
 * that was cut off is finished that way.
 */
import { type Answer, answerOf, grantedLines, type JsonResolution } from "./answers.js";
import type { Sale } from "./history.js";
import { newLedger } from "./ledger.js";
import type { ReplayRequest } from "./match.js";
import { type Day, type Moment, type PlannedRequest, planDays } from "./plan.js";
import type { Rest } from "./rest.js";
import type { Sandbox } from "./sandbox.js";
import { later } from "./shift.js";
import { together } from "./together.js";

export interface PlayOptions {
  rest: Rest;
  sandbox: Sandbox;
  token: (role: "CUSTOMER" | "OPERATOR", subject: string) => Promise<string>;
  sales: readonly Sale[];
  requests: readonly ReplayRequest[];
  shiftMs: number;
  onProgress?: (progress: Progress) => void;
}

export interface Progress {
  /** Of the record's days. */
  day: number;
  days: number;
  /** Business time. */
  at: Date;
  orders: number;
  sent: number;
  accepted: number;
  /** Accepted ones that have not come to their end yet; known only after the last day. */
  open?: number;
}

/** One request with what it came to. */
export interface Played {
  request: ReplayRequest;
  answer: Answer;
  /** When it was answered, its units were not all there: no mesh may accept it. */
  impossible: boolean;
}

export interface PlayResult {
  played: Played[];
  /** The accepted ones as they stand at the end, by id. */
  ends: Map<string, JsonResolution>;
  /** Orders the mesh did not know before. */
  imported: number;
}

const atOnce = 16;
const dayMs = 86_400_000;
/** Collected after 1 day, looked at after 3, refunded at once: what is open after 40 days waits for something. */
const afterDays = 40;
export const pace = { pickup: 24, transit: 48, inspection: 4, retry: 24 };

/** @throws Error when the mesh cannot be reached any more, or does not finish what fell due */
export async function play(options: PlayOptions): Promise<PlayResult> {
  const { sandbox, rest, onProgress } = options;
  const days = planDays(options.sales, options.requests, options.shiftMs);
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (customerId: string) => {
    const token = tokens.get(customerId) ?? options.token("CUSTOMER", customerId);
    tokens.set(customerId, token);
    return token;
  };
  const ledger = newLedger();
  const played: Played[] = [];
  const progress: Progress = { day: 0, days: days.length, at: new Date(0), orders: 0, sent: 0, accepted: 0 };
  let imported = 0;

  async function send({ request, body }: PlannedRequest): Promise<void> {
    const impossible = ledger.mustRefuse(request);
    const token = await tokenOf(request.customerId);
    const said = await rest.post<JsonResolution>("/v1/resolutions", token, request.requestId, body);
    const answer = said.ok ? answerOf(said.body) : refusalOf(said);
    if (answer.kind === "accepted") {
      const granted = new Set(grantedLines(answer.resolution).map(({ lineId }) => lineId));
      ledger.accept({ lines: request.lines.filter(({ lineId }) => granted.has(lineId)) });
      progress.accepted += 1;
    }
    progress.sent += 1;
    played.push({ request, answer, impossible });
  }

  async function playMoment({ time, byOrder }: Moment): Promise<void> {
    await sandbox.advance(time, false);
    await together(byOrder, atOnce, async (requests) => {
      for (const request of requests) await send(request);
    });
  }

  async function playDay(day: Day): Promise<void> {
    progress.day += 1;
    progress.at = day.start;
    imported += await sandbox.importOrders(day.orders);
    progress.orders += day.orders.length;
    for (const moment of day.moments) {
      await playMoment(moment);
      onProgress?.(progress);
    }
    onProgress?.(progress);
  }

  await sandbox.setPace(pace);
  const [first] = days;
  if (first) await sandbox.advance(first.start, true);
  for (const day of days) {
    await playDay(day);
    const midnight = later(day.start, dayMs);
    // A day that has passed already was finished when it was played first.
    if (midnight > (await sandbox.now())) await sandbox.advance(midnight, true);
  }
  const ends = await finish(options, played, progress);
  return { played, ends, imported };
}

/** Busy or broken is no answer: nothing was said about the request. */
function refusalOf({ status, reason, detail }: { status: number; reason: string; detail: string }): Answer {
  if (status >= 500 || status === 429) return { kind: "none", problem: `${reason} ${detail}` };
  return { kind: "refused", reason };
}

/** Waits day by day until every accepted request has come to its end, or long enough. */
async function finish(
  options: PlayOptions,
  played: readonly Played[],
  progress: Progress,
): Promise<Map<string, JsonResolution>> {
  const { sandbox, rest, onProgress } = options;
  const token = await options.token("OPERATOR", "replay");
  const ends = new Map<string, JsonResolution>();
  let open = played.flatMap(({ answer }) => (answer.kind === "accepted" ? [answer.resolution.resolutionId] : []));
  for (let day = 0; ; day++) {
    const standing = await together(open, atOnce, (id) => read(rest, token, id));
    for (const resolution of standing) ends.set(resolution.resolutionId, resolution);
    open = standing.filter(({ state }) => !isEnd(state)).map(({ resolutionId }) => resolutionId);
    onProgress?.({ ...progress, open: open.length });
    if (open.length === 0 || day === afterDays) return ends;
    const next = later(await sandbox.now(), dayMs);
    progress.at = next;
    await sandbox.advance(next, true);
  }
}

async function read(rest: Rest, token: string, resolutionId: string): Promise<JsonResolution> {
  const answer = await rest.get<JsonResolution>(`/v1/resolutions/${resolutionId}`, token);
  if (!answer.ok) throw new Error(`${resolutionId} cannot be read: ${answer.reason} ${answer.detail}`);
  return answer.body;
}

const endStates = ["CLOSED", "DECLINED", "WITHDRAWN", "AUTO_WITHDRAWN", "CANCELED"].map(
  (word) => `RESOLUTION_STATE_${word}`,
);

/** Whether nothing more will happen. */
export function isEnd(state: string): boolean {
  return endStates.includes(state);
}
