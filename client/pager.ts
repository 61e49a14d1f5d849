// A list, item by item, over all its pages.
import type { Written } from "./unary.js";

type Page = Readonly<Record<string, unknown>> & { readonly nextPageToken: string };

/** Asks for a page when the one before is used up. */
export async function* each(
  ask: (request: Written) => Promise<unknown>,
  items: string,
  request: Written,
): AsyncGenerator<unknown, void> {
  let pageToken = request.pageToken ?? "";
  do {
    const page = (await ask({ ...request, pageToken })) as Page;
    yield* page[items] as readonly unknown[];
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}
