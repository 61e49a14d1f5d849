// Sends a request of a POST to the edge under a key, and tells what came back.
import type { Doors } from "../shop.js";
import type { Post } from "./post.js";

/** What the edge said. */
export type Answer = {
  readonly status: number;
  readonly replayed: boolean;
  readonly text: string;
  /** Why it was refused; empty where it was not. */
  readonly reason: string;
  /** Of what is told once. */
  readonly secret: string;
};

export type Send = (post: Omit<Post, "other">, key: string | undefined) => Promise<Answer>;

export function sender(doors: Doors): Send {
  return async (post, key) => {
    const response = await fetch(`${doors.gatewayUrl}${post.path}`, {
      method: "POST",
      headers: {
        ...(post.role && { authorization: `Bearer ${await doors.token(post.role, post.who)}` }),
        "content-type": "application/json",
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      body: JSON.stringify(post.body),
    });
    const text = await response.text();
    const reason = response.ok ? "" : (JSON.parse(text) as { reason: string }).reason;
    const told = { status: response.status, replayed: response.headers.has("idempotent-replayed"), reason };
    if (!response.ok || !post.toldOnce) return { ...told, text, secret: "" };
    const { [post.toldOnce]: secret, ...rest } = JSON.parse(text);
    return { ...told, text: JSON.stringify(rest), secret };
  };
}
