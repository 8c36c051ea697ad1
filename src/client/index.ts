/** Ring 5: the client. `DlmsClient` reads and switches one meter over one session. */
export { type GetRef } from "./attributes.js";
export {
  type ClockMethod,
  type ClockOptions,
  type ClockReading,
  type ClockSetting,
  type SetClockOptions,
} from "./clock.js";
export { type ActionRef, DlmsClient, type DlmsClientOptions, type SetRef } from "./dlms-client.js";
export { type ImageActivateInfo, imageStates, type ImageState } from "./image-object.js";
export { ImageObject } from "./image-object.js";
export { imageLimits, type ImageLimits, type ImageProgress } from "./image-patience.js";
export {
  activateImage,
  type ActivationOptions,
  type ImageTransfer,
  type ImageTransferOptions,
  transferImage,
} from "./image-transfer.js";
export { type AttributeRef, type MethodRef } from "./object-ref.js";
export { type ProfileRequest, type ProfileRows } from "./profile.js";
export { type ProfileColumn, type ProfileRow } from "./profile-columns.js";
export { type InferredObject } from "./reader.js";
export { type Reading, type ReadItem } from "./reading.js";
export {
  activateSecurity,
  changeHlsSecret,
  changePassword,
  type KeyTransfer,
  type NewKeys,
  type SecretChange,
  transferKeys,
} from "./security.js";
export { serviceError } from "./service-errors.js";
