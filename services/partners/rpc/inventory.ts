// The system that counts stock.
import { Disposition, Grade } from "#gen/backhaul/inspection/v1/inspection.js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import { toProto } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

export const dispositions = words(Disposition, "DISPOSITION_");
const grades = words(Grade, "GRADE_");

const soldOut = { soldOut: true, holdId: "", price: undefined };
const gone = { gone: true };

export function inventoryPartner(store: Store, clock: Clock): Partner<typeof InventoryServiceService> {
  const { stock, dock, prices } = store;
  return {
    holdStock: {
      about: ({ orderId }) => orderId,
      answer: async (request, call, twist) => {
        const { orderId, lines, expireTime } = request;
        const asked = store.asked(InventoryServiceService.holdStock, request, call);
        if (twist === "SOLD_OUT") return stock.keep(asked, soldOut, orderId);
        const holdId = newId("hld");
        const cost = await prices.of(lines);
        const held = { soldOut: false, holdId, price: cost && toProto(cost) };
        return stock.hold(asked, held, soldOut, holdId, orderId, lines, { expireTime, now: clock.now() });
      },
    },

    renewStock: {
      about: async ({ holdId }) => (await stock.find(holdId))?.orderId ?? holdId,
      answer: async (request, call, twist) => {
        const { holdId, expireTime = clock.now() } = request;
        const asked = store.asked(InventoryServiceService.renewStock, request, call);
        if (twist === "SOLD_OUT") return stock.keep(asked, gone, holdId);
        const answer = await stock.renew(asked, { held: { gone: false }, gone }, holdId, expireTime, clock.now());
        if (answer) return answer;
        throw new DomainError("PARTNER_NOT_FOUND", `no hold ${holdId}`, { partner: "inventory", id: holdId });
      },
    },

    releaseStock: {
      about: async ({ holdId }) => (await stock.find(holdId))?.orderId ?? holdId,
      answer: async (request, call) => {
        const { holdId } = request;
        const asked = store.asked(InventoryServiceService.releaseStock, request, call);
        const answer = await stock.release(asked, { released: true }, { released: false }, holdId);
        if (answer) return answer;
        throw new DomainError("PARTNER_NOT_FOUND", `no hold ${holdId}`, { partner: "inventory", id: holdId });
      },
    },

    postDispositions: {
      about: async ({ inspectionId }) => (await dock.orderOf(inspectionId)) ?? inspectionId,
      answer: async (request, call) => {
        const lines = request.lines.map(({ sku, quantity, disposition, grade, units }) => ({
          units,
          sku,
          quantity,
          disposition: dispositions.word(disposition) ?? "",
          grade: grades.word(grade) ?? "",
        }));
        const restocked = lines.reduce((sum, line) => sum + (line.disposition === "RESTOCKED" ? line.quantity : 0), 0);
        const asked = store.asked(InventoryServiceService.postDispositions, request, call);
        return stock.dispose(asked, { restocked }, request.inspectionId, lines);
      },
    },
  };
}
