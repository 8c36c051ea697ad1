/** All targets, in the order in which `npm run fuzz` goes through them. */
import { type AnyTarget } from "../target.js";
import { adminTargets } from "./admin.js";
import { backendEventTargets } from "./backend-events.js";
import { restTargets } from "./backend-rest.js";
import { cipheredTargets } from "./ciphered.js";
import { clientTargets } from "./client.js";
import { decoders } from "./decoders.js";
import { dialInTargets } from "./dial-in.js";
import { messageTargets } from "./messages.js";
import { portTargets } from "./port.js";
import { sessionTargets } from "./sessions.js";
import { shimTargets } from "./shim.js";
import { streamTargets } from "./streams.js";
import { valueTargets } from "./values.js";

export const targets: readonly AnyTarget[] = [
  ...decoders,
  ...streamTargets,
  ...valueTargets,
  ...cipheredTargets,
  ...messageTargets,
  ...sessionTargets,
  ...clientTargets,
  ...dialInTargets,
  ...portTargets,
  ...restTargets,
  ...backendEventTargets,
  ...shimTargets,
  ...adminTargets,
];
