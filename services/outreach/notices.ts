// Sends notices: when one is due the resolution is read as it is then, rendered by the template in force, and given to the
// notification system under an id that is the notice's own, so that trying again sends nothing twice.
import type { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import type { Resolution } from "#gen/backhaul/resolution/v1/resolution.js";
import type { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import type { Agenda, StepHandler } from "#kit/agenda.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import type { LeasedStep, NewStep } from "#kit/commit.js";
import { RpcError } from "#kit/errors.js";
import { gather } from "#kit/gather.js";
import type { Log } from "#kit/log.js";
import type { Database, Statement } from "#kit/postgres.js";
import { isLegal, isNews, type NoticeEvent } from "./core/noticeEvents.js";
import { afterQuiet, type Quiet } from "./core/quiet.js";
import { type Given, valuesOf } from "./core/values.js";
import { type Channel, render, type Text, type Values } from "./core/words.js";
import { languageOf, marketOf } from "./markets.js";
import type { Template, Templates } from "./templates.js";

/** A notice as it was sent, or given up. */
export type Notice = {
  readonly noticeId: string;
  readonly resolutionId: string;
  readonly event: NoticeEvent;
  readonly channel: Channel;
  readonly language: string;
  readonly templateMarket: string;
  readonly templateVersion: number;
  /** What staff wrote is not among them. */
  readonly values: Values;
  /** The entry of the resolution's history whose words are the reason; 0 for none. */
  readonly reasonSequence: number;
  readonly state: "SENT" | "FAILED";
  readonly notificationId: string;
  readonly createTime: Date;
};

/** What is to be told. `key` is the same however often it is asked for; `given` is what the resolution does not know. */
export type Planned = {
  readonly event: NoticeEvent;
  readonly key: string;
  /** The entry of the history whose words are the reason; none without one. */
  readonly sequence?: number;
  readonly given?: { readonly days?: string; readonly from?: string; readonly to?: string };
};

export type NoticeParts = {
  readonly db: Database;
  readonly agenda: Pick<Agenda, "finish">;
  readonly templates: Templates;
  readonly resolution: Pick<ClientOf<typeof ResolutionServiceService>, "getResolution" | "listTimeline">;
  readonly notification: ClientOf<typeof NotificationServiceService>;
  readonly clock: Clock;
  readonly quiet: ReadonlyMap<string, Quiet>;
  readonly log: Log;
};

const stepName = "notice";
/** Over half an hour, for a system that is down. */
const attempts = 80;
/** All of a step at once: one for each channel. */
const keep: Statement = {
  name: "notice.keep",
  text: `INSERT INTO notice (notice_id, resolution_id, event, channel, language, template_market, template_version,
      "values", reason_sequence, state, notification_id, create_time)
    SELECT "noticeId", "resolutionId", event, channel, language, "templateMarket", "templateVersion", "values",
      "reasonSequence", state, "notificationId", "createTime"
    FROM jsonb_to_recordset($1::jsonb) AS it("noticeId" text, "resolutionId" text, event text, channel text,
      language text, "templateMarket" text, "templateVersion" int, "values" jsonb, "reasonSequence" int, state text,
      "notificationId" text, "createTime" timestamptz)
    ON CONFLICT (notice_id) DO NOTHING`,
};
const listed: Statement = {
  name: "notice.list",
  text: `SELECT notice_id AS "noticeId", resolution_id AS "resolutionId", event, channel, language,
    template_market AS "templateMarket", template_version AS "templateVersion", "values", reason_sequence AS "reasonSequence", state,
    notification_id AS "notificationId", create_time AS "createTime"
    FROM notice WHERE resolution_id = $1 ORDER BY create_time, notice_id`,
};

/** What was due in the evening and could not be sent then: it is due anew, with all its tries. */
const putOff: Statement = {
  name: "notice.putOff",
  text: `UPDATE agenda SET due_time = $3, attempt = 0, lease_until = NULL WHERE agenda_id = $1 AND lease_epoch = $2`,
};

/** The step that sends a notice: at once, or when the market's quiet hours end. */
export function noticeStep(planned: Planned, market: string, quiet: ReadonlyMap<string, Quiet>, now: Date): NewStep {
  return { step: stepName, due: sendable(planned, market, quiet, now), payload: planned };
}

/** The step of a notice of which nobody has said the market: it reads it, and puts off what may not be sent then. */
export function noticeStepNow(planned: Planned, now: Date): NewStep {
  return { step: stepName, due: now, payload: planned };
}

function sendable({ event }: Planned, market: string, quiet: ReadonlyMap<string, Quiet>, now: Date): Date {
  const hours = isLegal(event) ? undefined : quiet.get(market);
  return afterQuiet(now, hours, marketOf(market).timeZone);
}

export type Notices = ReturnType<typeof openNotices>;

export function openNotices({ db, agenda, templates, resolution, notification, clock, quiet, log }: NoticeParts) {
  const record = (sent: readonly Notice[]) => db.query(keep, [JSON.stringify(sent)]);

  /** Two notices of one fact are due at once. */
  const readNow = gather(
    async (ids: readonly string[]) =>
      ids.map(async (resolutionId) => (await resolution.getResolution({ resolutionId })).resolution),
    (id) => id,
  );

  /** What staff wrote with an entry of the history; once their words are erased there, it says so. */
  async function reasonOf(resolutionId: string, sequence: number): Promise<string> {
    const pageToken = sequence > 1 ? String(sequence - 1) : "";
    const { entries } = await resolution.listTimeline({ resolutionId, pageSize: 1, pageToken });
    return entries.find((entry) => Number(entry.sequence) === sequence)?.text ?? "";
  }

  /** The notice by one channel, not sent yet. */
  function written(planned: Planned, r: Resolution, template: Template): Omit<Notice, "notificationId"> {
    const { channel } = template;
    const market = marketOf(r.market);
    const language = languageOf(r.notices?.language ?? "", market);
    const reader = { language, timeZone: market.timeZone };
    const values = valuesOf(r, givenOf(planned), reader);
    return {
      noticeId: `${r.resolutionId}.${planned.key}.${channel}`,
      resolutionId: r.resolutionId,
      event: planned.event,
      channel,
      language,
      templateMarket: template.market,
      templateVersion: template.version,
      values: named(template, language, values),
      reasonSequence: planned.event === "declined" ? (planned.sequence ?? 0) : 0,
      state: "SENT",
      createTime: clock.now(),
    };
  }

  /** Sends it, or says when it may be sent: a notice that was late must not wake anybody either. */
  async function send(step: LeasedStep): Promise<Date | undefined> {
    const planned: Planned = step.payload;
    const r = await readNow(step.aggregateId);
    if (!r || r.notices?.none || !isNews(planned.event, r)) return undefined;
    const now = clock.now();
    const due = sendable(planned, r.market, quiet, now);
    if (due > now) return due;
    const templatesNow = await templates.inForce(planned.event, r.market, marketOf(r.market).channels);
    const sending = templatesNow.map((template) => sendBy(written(planned, r, template), r.customerId));
    const results = await Promise.allSettled(sending);
    // What went out is on record, whatever became of the other channel.
    const sent = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    if (sent.length > 0) await record(sent);
    for (const result of results) if (result.status === "rejected") throw result.reason;
    return undefined;
  }

  async function sendBy(notice: Omit<Notice, "notificationId">, customerId: string): Promise<Notice> {
    const { noticeId, resolutionId, event, channel, language } = notice;
    const { notificationId } = await notification
      .sendNotification({
        requestId: noticeId,
        customerId,
        resolutionId,
        template: event,
        channel,
        language,
        ...(await toldBy(notice)),
      })
      .catch(sentBefore);
    return { ...notice, notificationId };
  }

  /** The values of a notice and the words made of them, again. */
  async function toldBy({ resolutionId, reasonSequence, language, ...notice }: Omit<Notice, "notificationId">) {
    const { event, templateMarket, channel, templateVersion } = notice;
    const { texts } = await templates.version(event, templateMarket, channel, templateVersion);
    const text = texts[language];
    const reason = reasonSequence > 0 && text && names(text, "reason");
    const values: Record<string, string> = {
      ...notice.values,
      ...(reason && { reason: await reasonOf(resolutionId, reasonSequence) }),
    };
    return { values, ...(text ? render(text, values, channel) : { subject: "", body: "" }) };
  }

  const step: StepHandler = {
    attempts,
    // Done again after a crash, it sends the same ids again.
    run: async (step) => {
      const later = await send(step);
      if (later) await db.query(putOff, [step.id, step.epoch, later]);
      else agenda.finish(step);
    },
    giveUp: async (step, error) => {
      const { event, key }: Planned = step.payload;
      log.error({ error, resolution_id: step.aggregateId, event }, "notice given up");
      const notice = {
        event,
        channel: "SMS",
        language: "",
        templateMarket: "",
        templateVersion: 0,
        values: {},
        reasonSequence: 0,
      } as const;
      const ids = { noticeId: `${step.aggregateId}.${key}.failed`, resolutionId: step.aggregateId, notificationId: "" };
      await record([{ ...notice, ...ids, state: "FAILED", createTime: clock.now() }]);
      agenda.finish(step);
    },
  };
  return {
    steps: { [stepName]: step },
    wordsOf: async (notice: Notice): Promise<Text> => {
      const { subject, body } = await toldBy(notice);
      return { subject, body };
    },
    list: (resolutionId: string): Promise<Notice[]> => db.query<Notice>(listed, [resolutionId]),
  };
}

/** An answer that was lost, and the resolution went on: the words would be others now, but the customer was told. */
function sentBefore(error: unknown): { readonly notificationId: string } {
  if (error instanceof RpcError && error.reason === "REQUEST_ID_REUSED") return { notificationId: "" };
  throw error;
}

/** What the step knows that the resolution does not. */
function givenOf({ given: { days, from, to } = {} }: Planned): Given {
  return { ...(days && { days }), ...(from && to && { from: new Date(from), to: new Date(to) }) };
}

/** Only what the template names is kept, and of that nothing that staff wrote. */
function named({ texts }: Template, language: string, values: Values): Values {
  const text = texts[language];
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => name !== "reason" && text !== undefined && names(text, name)),
  );
}

function names({ subject, body }: Text, value: string): boolean {
  return `${subject} ${body}`.includes(`{${value}}`);
}
