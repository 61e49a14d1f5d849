// Where a server's data lies that nobody needs afterwards.
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A folder of its own under the system's temporary one, or under `parent`. Open to all for entering: under root Postgres runs as another
 * user, and would keep its data elsewhere, where nobody takes it away.
 */
export function passingFolder(name: string, parent = tmpdir()): string {
  const dir = mkdtempSync(join(parent, `backhaul-${name}-`));
  chmodSync(dir, 0o755);
  return dir;
}
