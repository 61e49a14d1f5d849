// The rpcs of backhaul.outreach.v1.NoticeService, and the door through which services of the mesh have customers told.
import {
  NoticeChannel,
  Notice as NoticeMessage,
  NoticeState,
  type NoticeTemplate,
  type NoticeText,
} from "#gen/backhaul/outreach/v1/notice.js";
import { NoticeServiceService } from "#gen/backhaul/outreach/v1/notice_service.js";
import { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { commit, commitStatement, type Followers } from "#kit/commit.js";
import { type Database, violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { words } from "#kit/words.js";
import { isNoticeEvent } from "./core/noticeEvents.js";
import { assertSound, type Channel, languages, render, type Text, type Texts } from "./core/words.js";
import { examples, exampleValues } from "./examples.js";
import { languageOf, marketOf } from "./markets.js";
import { type Notices, noticeStepNow } from "./notices.js";
import { eventNamed, type Template, type Templates } from "./templates.js";

export type NoticeRpcParts = {
  readonly db: Database;
  readonly followers: Followers;
  readonly templates: Templates;
  readonly notices: Notices;
  readonly notification: ClientOf<typeof NotificationServiceService>;
  readonly clock: Clock;
};

const channels = words(NoticeChannel, "NOTICE_CHANNEL_");
const states = words(NoticeState, "NOTICE_STATE_");
/** What another service asks for changes no row of ours but the agenda. */
const asked = commitStatement("notice.asked", "SELECT $1::text AS id");

export function noticeRpc({ templates, notices, clock }: NoticeRpcParts): Handlers<typeof NoticeServiceService> {
  return {
    async previewNotification(request) {
      const event = eventNamed(request.event);
      const market = marketOf(request.market);
      const channel = channelOf(request.channel);
      const drafted = request.texts.length > 0 ? textsOf(event, request.texts) : undefined;
      if (drafted) assertSound(event, channel, drafted, examples);
      const [inForce] = drafted ? [] : await templates.inForce(event, request.market, [channel]);
      const found = inForce ?? { texts: drafted ?? {}, version: 0 };
      const language = languageOf(request.language, market);
      const text = render(found.texts[language] as Text, exampleValues(language, market.timeZone), channel);
      return { ...text, language, templateVersion: found.version };
    },

    async publishTemplate(request, call) {
      const event = eventNamed(request.event);
      const channel = channelOf(request.channel);
      const texts = textsOf(event, request.texts);
      assertSound(event, channel, texts, examples);
      const spend = byRequest(NoticeServiceService.publishTemplate, request, call, (template: Template) => {
        return { template: toMessage(template) };
      });
      const { market } = request;
      return templates.publish(spend, {
        event,
        market,
        channel,
        texts,
        author: call.caller.subject,
        createTime: clock.now(),
      });
    },

    async listTemplates({ event }) {
      return { templates: (await templates.list(event)).map(toMessage) };
    },

    async listNotices({ resolutionId }) {
      const rows = await notices.list(resolutionId);
      const said = rows.map(async (notice) => {
        const { values: _, reasonSequence: _entry, channel, state, ...rest } = notice;
        const text = state === "SENT" ? await notices.wordsOf(notice) : { subject: "", body: "" };
        return NoticeMessage.fromPartial({
          ...rest,
          ...text,
          channel: channels.value(channel),
          state: states.value(state),
        });
      });
      return { notices: await Promise.all(said) };
    },
  };
}

/**
 * The notification system's own contract, for the mesh: what has a template is rendered and sent in our words, and all
 * else is passed on as it came.
 */
export function noticeDoor(parts: NoticeRpcParts): Handlers<typeof NotificationServiceService> {
  const { db, followers, notification, clock } = parts;
  return {
    async sendNotification(request, call) {
      const { requestId, resolutionId, template, values } = request;
      if (!isNoticeEvent(template)) return notification.sendNotification(request, call);
      const { days = "", from = "", to = "" } = values;
      const planned = { event: template, key: requestId, given: { days, from, to } };
      const answer = { notificationId: `${resolutionId}.${requestId}` };
      const { token } = byRequest(NotificationServiceService.sendNotification, request, call, () => answer);
      const steps = [noticeStepNow(planned, clock.now())];
      try {
        await commit(db, followers, asked, [resolutionId], { token, facts: [], steps, dropped: [] });
      } catch (error) {
        // Asked for before: it is sent, or will be.
        if (violated(error) !== "request_pkey") throw error;
      }
      return answer;
    },
  };
}

function channelOf(channel: NoticeChannel): Channel {
  return channels.word(channel) ?? "SMS";
}

/** @throws DomainError NOTICE_TEMPLATE_BROKEN where a language is there twice */
function textsOf(event: string, texts: readonly NoticeText[]): Texts {
  const byLanguage = new Map(texts.map(({ language, subject, body }) => [language, { subject, body }]));
  if (byLanguage.size < texts.length) {
    const problem = "a language is there twice";
    throw new DomainError("NOTICE_TEMPLATE_BROKEN", `${event}: ${problem}`, { event, language: "", problem });
  }
  return Object.fromEntries(byLanguage);
}

function toMessage({ texts, channel, createTime, ...template }: Template): NoticeTemplate {
  return {
    ...template,
    channel: channels.value(channel),
    createTime,
    texts: languages.flatMap((language) => {
      const text = texts[language];
      return text ? [{ language, ...text }] : [];
    }),
  };
}
