/** Ring 4: associations. A Session is a link and an association together, for either role. */
export {
  type Act,
  asker,
  type AssociationState,
  type Party,
  transition,
  transitions,
} from "./transitions.js";
export { DEFAULT_RESPONSE_TIMEOUT_MS } from "./asking-side.js";
export {
  type Agreement,
  fullConformance,
  supportedConformance,
  supportedShortNameConformance,
} from "./association.js";
export { type ShortNameOptions } from "./name-book.js";
export { type BehindGateway, GatewayLink } from "./gateway-link.js";
export { type GeneralBlockOptions } from "./general-blocks.js";
export * from "./service.js";
export * from "./session-types.js";
export * from "./security-options.js";
export { Session } from "./session.js";
export { type UnaskedOptions } from "./unasked.js";
