// Every list over REST, page by page: limits, tokens that are not its own, and a walk while rows come.
import assert from "node:assert/strict";
import { registry } from "#kit/contracts.js";
import { buildRoutes } from "../../gateway/routes.js";
import { type List, lists } from "./lists.js";
import type { Stand } from "./stand.js";

type Row = Readonly<Record<string, unknown>>;
type Page = { readonly rows: readonly string[]; readonly next: string };

// As many as a page may have, by every contract's rule or fewer.
const tooMany = ["-1", "100001", "99999999999", "ten", "1.5", ""];

/** Adds the tests of every list. */
export function pagesHold(stand: () => Stand): void {
  const routes = buildRoutes(registry).filter(
    ({ verb, input }) => verb === "GET" && "page_token" in byName(input.fields),
  );
  const names = routes.map(({ verb, template }) => `${verb} ${template.text}`);

  const get = async ({ role, who, path }: List, query: string) => {
    const { status, json } = await stand().shop.rest(role, who, "GET", `${path}&${query}`.replace("?&", "?"));
    return { status, json };
  };
  /** Rows by what tells them apart: the first two fields of each. */
  const page = async (list: List, query: string): Promise<Page> => {
    const { status, json } = await get(list, query);
    assert.equal(status, 200, `${list.path} ${query}: ${JSON.stringify(json)}`);
    const rows = Object.values(json as Row).find(Array.isArray) as Row[];
    return { rows: rows.map((row) => Object.values(row).slice(0, 2).join(" ")), next: json.nextPageToken };
  };
  async function walk(list: List, size: number, after: (pages: number) => Promise<void> = async () => {}) {
    const rows: string[] = [];
    let token = "";
    for (let pages = 1; pages < 200; pages++) {
      const one = await page(list, `page_size=${size}${token && `&page_token=${token}`}`);
      assert.ok(one.rows.length <= size, "a page is no larger than it was asked for");
      rows.push(...one.rows);
      if (one.next === "") return rows;
      token = one.next;
      await after(pages);
    }
    throw new Error(`${list.path} has no end`);
  }

  it("each has something here that can be added to it", () => {
    assert.deepEqual(Object.keys(lists).sort(), [...names].sort(), "tell in test/edge/lists.ts what adds a row");
  });

  for (const [name, make] of Object.entries(lists)) {
    it(`${name}: limits, tokens of its own, and each row once while others come`, async () => {
      const list = await make(stand().shop, stand().backstage);
      for (let rows = 0; rows < 3; rows++) await list.add();

      for (const size of tooMany) {
        const { status, json } = await get(list, `page_size=${size}`);
        assert.deepEqual([status, json.reason], [400, "INVALID_REQUEST"], `page_size=${size}`);
      }
      const { next: token } = await page(list, "page_size=1");
      assert.notEqual(token, "", "there is a second page");
      const foreign = [
        "x",
        "MTIz",
        `${token}x`,
        token.slice(1),
        `${token[0] === "A" ? "B" : "A"}${token.slice(1)}`,
        token.slice(16),
      ];
      const queries = foreign.map((other) => `page_token=${other}`);
      if (list.otherFilter) queries.push(`${list.otherFilter}&page_token=${token}`);
      for (const query of queries) {
        const { status, json } = await get(list, query);
        assert.deepEqual([status, json.reason], [400, "PAGE_TOKEN_INVALID"], query);
      }

      const before = await walk(list, 100);
      const size = Math.max(1, Math.floor(before.length / 3));
      const seen = await walk(list, size, async (pages) => {
        if (pages <= 2) await list.add();
      });
      assert.deepEqual(
        seen.filter((row, i) => seen.indexOf(row) !== i),
        [],
        "no row comes twice",
      );
      assert.deepEqual(
        before.filter((row) => !seen.includes(row)),
        [],
        "no row is left out",
      );
    });
  }
}

function byName(fields: readonly { readonly name: string }[]): Readonly<Record<string, true>> {
  return Object.fromEntries(fields.map(({ name }) => [name, true]));
}
