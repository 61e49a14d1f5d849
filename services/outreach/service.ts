// The outreach service, wired.

import { NoticeServiceService } from "#gen/backhaul/outreach/v1/notice_service.js";
import { WebhookServiceService } from "#gen/backhaul/outreach/v1/webhook_service.js";
import { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { implement } from "#kit/server.js";
import { openService, type Running } from "#kit/service.js";
import type { OutreachConfig } from "./config.js";
import { openDeliveries } from "./deliveries.js";
import { openDisabling } from "./disabling.js";
import { openDispatch } from "./dispatch.js";
import { outreachFacts } from "./events.js";
import { openFeed } from "./feed.js";
import { openLanes } from "./lanes.js";
import { noticeDoor, noticeRpc } from "./noticeRpc.js";
import { openNotices } from "./notices.js";
import { openPace } from "./pace.js";
import { openPost } from "./post.js";
import { pruneStep } from "./prune.js";
import { webhookRpc } from "./rpc.js";
import { openSeal } from "./sealing.js";
import { openSubscriptions } from "./subscriptions.js";
import { openTargets } from "./targets.js";
import { openTemplates } from "./templates.js";

const dayMs = 86_400_000;
/** So long after a try a lane is another worker's, if it is not booked. */
const bookingMs = 5_000;
/** Notices can wait; histories come first, and with them what subscribers are told. While those are late, one at a time. */
const noticesAtOnce = 4;

/** Starts it. @throws Error if the database or the clock cannot be reached */
export async function start(config: OutreachConfig): Promise<Running> {
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const pace = openPace();
  const service = await openService("outreach", config, {
    migrations,
    announces: true,
    stepsAtOnce: noticesAtOnce,
    stepsYield: pace.behind,
  });
  const { clocks, db, followers, log } = service;
  const subscriptions = openSubscriptions(db, followers, config.webhookSubscriptionsMax);
  const deliveries = openDeliveries(db, followers);
  const seal = openSeal(config.webhookKeys);
  const targets = openTargets({ reach: config.webhookReach, ports: config.webhookPorts });
  const dispatch = openDispatch({
    lanes: openLanes(db, config.webhookTimeoutMs + bookingMs),
    post: openPost(targets, config.webhookTimeoutMs),
    seal,
    clocks,
    log,
    random: Math.random,
    shares: { perSubscription: config.webhookPerSubscription, perSeller: config.webhookPerSeller },
    atOnce: config.webhookAtOnce,
    disableAfterMs: config.webhookDisableAfterMs,
    disable: openDisabling(subscriptions, clocks.business),
  });
  const { poke } = dispatch;
  const feed = openFeed(db, followers, clocks.real);
  const resolution = service.connect(config.resolutionAddress)(ResolutionServiceService);
  const notification = service.connect(config.notificationAddress)(NotificationServiceService);
  const templates = openTemplates(db, followers);
  const clock = clocks.business;
  const quiet = config.quietHours;
  const notices = openNotices({ db, agenda: service.agenda, templates, resolution, notification, clock, quiet, log });
  const noticeParts = { db, followers, templates, notices, notification, clock };
  dispatch.start();
  return service.run({
    rpc: [
      implement(NoticeServiceService, noticeRpc(noticeParts)),
      implement(NotificationServiceService, noticeDoor(noticeParts)),
      implement(
        WebhookServiceService,
        webhookRpc({
          subscriptions,
          deliveries,
          seal,
          targets,
          clocks,
          subscriptionsMax: config.webhookSubscriptionsMax,
          formerSecretMs: config.formerSecretMs,
          poke,
        }),
      ),
    ],
    facts: outreachFacts({
      feed,
      db,
      followers,
      resolution,
      clocks,
      notices: config.notices,
      quiet,
      pace,
      poke,
    }),
    steps: {
      ...notices.steps,
      prune: pruneStep(db, clocks, {
        deliveriesMs: config.webhookRetentionDays * dayMs,
        noticesMs: config.noticeRetentionDays * dayMs,
      }),
    },
    close: async () => {
      await dispatch.stop();
      await subscriptions.close();
    },
  });
}
