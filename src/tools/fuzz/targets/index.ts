/** All targets, in the order in which `npm run fuzz` goes through them. */
import { type AnyTarget } from "../target.js";
import { cipheredTargets } from "./ciphered.js";
import { decoders } from "./decoders.js";
import { dialInTargets } from "./dial-in.js";
import { messageTargets } from "./messages.js";
import { sessionTargets } from "./sessions.js";
import { streamTargets } from "./streams.js";
import { valueTargets } from "./values.js";

export const targets: readonly AnyTarget[] = [
  ...decoders,
  ...streamTargets,
  ...valueTargets,
  ...cipheredTargets,
  ...messageTargets,
  ...sessionTargets,
  ...dialInTargets,
];
