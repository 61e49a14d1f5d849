// Every POST of the edge that changes something, with a request that it takes.
import { collectionPosts } from "./collection.js";
import { deskPosts } from "./desk.js";
import { deskActPosts } from "./deskActs.js";
import { eligibilityPosts } from "./eligibility.js";
import { inspectionPosts } from "./inspection.js";
import { outreachPosts } from "./outreach.js";
import { peoplePosts } from "./people.js";
import type { Posts } from "./post.js";
import { refundPosts } from "./refund.js";
import { resolutionPosts } from "./resolution.js";
import { sellerPosts } from "./sellers.js";

export const posts: Posts = {
  ...collectionPosts,
  ...deskPosts,
  ...deskActPosts,
  ...eligibilityPosts,
  ...inspectionPosts,
  ...outreachPosts,
  ...peoplePosts,
  ...refundPosts,
  ...resolutionPosts,
  ...sellerPosts,
};
