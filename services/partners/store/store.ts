// All that the sandbox's outside systems know, one part per system. Only the files of this folder see SQL.
import { PrismaClient } from "#gen/prisma/partners/client.js";
import type { Call } from "#kit/call.js";
import type { Followers } from "#kit/commit.js";
import type { Database } from "#kit/postgres.js";
import { openReader } from "#kit/reader.js";
import { openAccounts } from "./accounts.js";
import { openAuthorizations } from "./authorizations.js";
import { type Books, sumBooks } from "./books.js";
import { openCalendarStore } from "./calendars.js";
import { openDemands } from "./demands.js";
import { openDock } from "./dock.js";
import { openDocuments } from "./documents.js";
import { openGuestDesk } from "./guestDesk.js";
import { openMaster } from "./master.js";
import { openMediaStore } from "./media.js";
import { openNotes } from "./notes.js";
import { openNotices } from "./notices.js";
import { asked } from "./once.js";
import { openOrders } from "./orders.js";
import { openParcels } from "./parcels.js";
import { openPaying } from "./paying.js";
import { openPayments } from "./payments.js";
import { openPoints } from "./points.js";
import { openPrices } from "./prices.js";
import { openProvider } from "./provider.js";
import { openReleases } from "./releases.js";
import { openScenarios } from "./scenarios.js";
import { openSettings } from "./settings.js";
import { openStatement } from "./statement.js";
import { openStock } from "./stock.js";
import { openTickets } from "./tickets.js";

/** Opens every part. @param secret what account tokens are made with */
export async function openStore(db: Database, followers: Followers, secret: string) {
  const prisma = openReader(
    db,
    (options) => new PrismaClient(options),
    (reader) => reader.sandbox.findMany({ take: 1 }),
  );
  const orders = openOrders(db);
  return {
    /** Opens a request that is to be answered once. */
    asked: <Q extends { requestId: string }, R>(method: Parameters<typeof asked<Q, R>>[1], request: Q, call: Call) =>
      asked<Q, R>(db, method, request, call),
    settings: openSettings(db),
    scenarios: await openScenarios(db, prisma),
    orders,
    releases: openReleases(db, orders.forget),
    demands: openDemands(db),
    authorizations: openAuthorizations(db),
    prices: openPrices(db),
    payments: openPayments(db),
    paying: openPaying(db),
    provider: openProvider(db),
    statement: openStatement(prisma),
    accounts: openAccounts(secret),
    points: openPoints(db),
    documents: openDocuments(db, prisma),
    notes: openNotes(db),
    stock: openStock(db),
    master: openMaster(db),
    calendars: openCalendarStore(db),
    parcels: openParcels(db, followers),
    dock: openDock(db),
    notices: openNotices(prisma),
    guestDesk: openGuestDesk(prisma),
    media: openMediaStore(db),
    tickets: openTickets(db),
    books: (): Promise<Books> => sumBooks(db),
    close: () => prisma.$disconnect(),
  };
}

export type Store = Awaited<ReturnType<typeof openStore>>;
