// What the edge's tests stand on: one mesh for all of them, its customers' door and what happens backstage.
import type { Mesh } from "../mesh.js";
import type { Backstage } from "../posts/backstage.js";
import type { Shop } from "../shop.js";

export type Stand = { readonly mesh: Mesh; readonly shop: Shop; readonly backstage: Backstage };
