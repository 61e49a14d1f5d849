// A client of the REST edge in plain fetch. Which routes there are, what each takes and what it answers is checked by the
// compiler against types that are made from the OpenAPI document; at run time there is nothing but this file.
import { setTimeout as sleep } from "node:timers/promises";
import type { Routes, Schemas } from "#gen/rest/api.js";

/** Routes that answer once, and routes that go on. */
type Answering = { [R in keyof Routes]: Routes[R] extends { answer: unknown } ? R : never }[keyof Routes];
type Streaming = { [R in keyof Routes]: Routes[R] extends { message: unknown } ? R : never }[keyof Routes];

type Ask = { path?: object; query?: object; headers?: object; body?: unknown };

/** The edge said no; the problem's reason says why. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(readonly problem: Schemas["Problem"]) {
    super(problem.detail);
  }
}

export type Edge = ReturnType<typeof openEdge>;

/** The edge at a URL, for whoever the token is. */
export function openEdge(url: string, token: string) {
  async function send(route: string, { path = {}, query = {}, headers = {}, body }: Ask): Promise<Response> {
    const [method, template = ""] = route.split(" ");
    const place = template.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name as never]));
    const pairs = Object.entries(query).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, String(one)]),
    );
    const response = await fetch(`${url}${place}?${new URLSearchParams(pairs)}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Refused((await response.json()) as Schemas["Problem"]);
    return response;
  }

  /** Follows one connection to its end; true if that was the stream's end, too. */
  async function* follow(route: string, ask: Ask): AsyncGenerator<{ id: string; message: unknown }, boolean> {
    const response = await send(route, { ...ask, headers: { ...ask.headers, accept: "text/event-stream" } });
    let text = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (text + chunk).split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(event)?.[1] ?? "";
        if (field("event") === "end") return true;
        if (field("event") === "problem") throw new Refused(JSON.parse(field("data")));
        if (field("data")) yield { id: field("id"), message: JSON.parse(field("data")) };
      }
    }
    return false;
  }

  return {
    /** @throws Refused */
    ask: async <R extends Answering>(route: R, ask: Routes[R]["ask"]): Promise<Routes[R]["answer"]> =>
      (await send(route, ask)).json() as Promise<Routes[R]["answer"]>,

    /** Yields each message once, over lost connections and restarts of the edge. @throws Refused */
    async *watch<R extends Streaming>(route: R, ask: Routes[R]["ask"]): AsyncGenerator<Routes[R]["message"]> {
      let last: object = {};
      for (;;) {
        try {
          const events = follow(route, { ...ask, headers: { ...ask.headers, ...last } });
          let next = await events.next();
          for (; !next.done; next = await events.next()) {
            last = { "Last-Event-ID": next.value.id };
            yield next.value.message as Routes[R]["message"];
          }
          if (next.value) return;
        } catch (error) {
          if (error instanceof Refused && error.problem.status !== 503) throw error;
        }
        await sleep(500);
      }
    },
  };
}
