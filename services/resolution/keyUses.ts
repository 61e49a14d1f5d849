// When keys were used: noted in memory and written together, so that a call costs no write. What a crash forgets is a few
// seconds of a time that nobody decides by.
import type { Log } from "#kit/log.js";
import type { ApiKeyStore } from "./apiKeyStore.js";

const writeMs = 5_000;

export type KeyUses = { note(apiKeyId: string, at: Date): void; stop(): Promise<void> };

export function openKeyUses(keys: Pick<ApiKeyStore, "used">, log: Log): KeyUses {
  let noted = new Map<string, Date>();
  let timer: NodeJS.Timeout | undefined;
  async function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const uses = noted;
    noted = new Map();
    if (uses.size === 0) return;
    try {
      await keys.used(uses);
    } catch (error) {
      log.warn({ keys: uses.size, error: String(error) }, "uses of keys not written");
    }
  }
  return {
    note: (apiKeyId, at) => {
      noted.set(apiKeyId, at);
      timer ??= setTimeout(() => void write(), writeMs);
    },
    stop: write,
  };
}
