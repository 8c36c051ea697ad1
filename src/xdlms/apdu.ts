/**
 * Every xDLMS APDU by its tag (IEC 62056-5-3). Ciphered APDUs, general block transfer and ACCESS are handed on
 * unopened as `opaque`; short-name services are not known.
 */
import { type Codec, choice, decodeAll, encodeAll, restBytes, seq, traced } from "../bytes/codec.js";
import { DecodeError, usageError } from "../core/errors.js";
import { type ActionRequest, actionRequest } from "./action-request.js";
import { type ActionResponse, actionResponse } from "./action-response.js";
import { type ConfirmedServiceError, confirmedServiceError } from "./confirmed-service-error.js";
import { type DataNotification, dataNotification } from "./data-notification.js";
import { type EventNotification, eventNotification } from "./event-notification.js";
import { type ExceptionResponse, exceptionResponse } from "./exception-response.js";
import { type GetRequest, getRequest } from "./get-request.js";
import { type GetResponse, getResponse } from "./get-response.js";
import {
  type InitiateRequest,
  type InitiateResponse,
  initiateRequest,
  initiateResponse,
} from "./initiate.js";
import { type SetRequest, setRequest } from "./set-request.js";
import { type SetResponse, setResponse } from "./set-response.js";

export type Apdu =
  | ({ readonly type: "initiate-request" } & InitiateRequest)
  | ({ readonly type: "initiate-response" } & InitiateResponse)
  | ({ readonly type: "confirmed-service-error" } & ConfirmedServiceError)
  | ({ readonly type: "data-notification" } & DataNotification)
  | { readonly type: "get-request"; readonly request: GetRequest }
  | { readonly type: "set-request"; readonly request: SetRequest }
  | ({ readonly type: "event-notification" } & EventNotification)
  | { readonly type: "action-request"; readonly request: ActionRequest }
  | { readonly type: "get-response"; readonly response: GetResponse }
  | { readonly type: "set-response"; readonly response: SetResponse }
  | { readonly type: "action-response"; readonly response: ActionResponse }
  | ({ readonly type: "exception-response" } & ExceptionResponse)
  /** `bytes` is what follows the tag. */
  | { readonly type: "opaque"; readonly tag: number; readonly bytes: Uint8Array };

export type ClearApdu = Exclude<Apdu, { readonly type: "opaque" }>;

/** Tags of APDUs that are handed on unopened. */
export const opaqueTags: Readonly<Record<number, string>> = {
  0x21: "glo-initiate-request",
  0x28: "glo-initiate-response",
  0x2e: "glo-confirmed-service-error",
  0x41: "ded-initiate-request",
  0x48: "ded-initiate-response",
  0x4e: "ded-confirmed-service-error",
  0xc8: "glo-get-request",
  0xc9: "glo-set-request",
  0xca: "glo-event-notification-request",
  0xcb: "glo-action-request",
  0xcc: "glo-get-response",
  0xcd: "glo-set-response",
  0xcf: "glo-action-response",
  0xd0: "ded-get-request",
  0xd1: "ded-set-request",
  0xd2: "ded-event-notification-request",
  0xd3: "ded-action-request",
  0xd4: "ded-get-response",
  0xd5: "ded-set-response",
  0xd7: "ded-action-response",
  0xd9: "access-request",
  0xda: "access-response",
  0xdb: "general-glo-ciphering",
  0xdc: "general-ded-ciphering",
  0xdd: "general-ciphering",
  0xdf: "general-signing",
  0xe0: "general-block-transfer",
};

/** XDLMS-APDU ::= CHOICE, the tags as written here. */
export const clearApduCodec: Codec<ClearApdu> = choice({
  "initiate-request": [0x01, initiateRequest],
  "initiate-response": [0x08, initiateResponse],
  "confirmed-service-error": [0x0e, confirmedServiceError],
  "data-notification": [0x0f, dataNotification],
  "get-request": [0xc0, seq({ request: getRequest })],
  "set-request": [0xc1, seq({ request: setRequest })],
  "event-notification": [0xc2, eventNotification],
  "action-request": [0xc3, seq({ request: actionRequest })],
  "get-response": [0xc4, seq({ response: getResponse })],
  "set-response": [0xc5, seq({ response: setResponse })],
  "action-response": [0xc7, seq({ response: actionResponse })],
  "exception-response": [0xd8, exceptionResponse],
});

export const apduCodec: Codec<Apdu> = {
  decode: (reader) => {
    const start = reader.offset;
    const tag = reader.peekU8();
    const name = opaqueTags[tag];
    if (name === undefined) return clearApduCodec.decode(reader);
    reader.advance(1);
    return { type: "opaque", tag, bytes: traced(reader, name, restBytes, start) };
  },
  encode: (writer, apdu) => {
    if (apdu.type !== "opaque") return clearApduCodec.encode(writer, apdu);
    if (opaqueTags[apdu.tag] === undefined)
      throw usageError("FIELD_INVALID", "tag", "the tag of an APDU that is handed on unopened is expected");
    writer.u8(apdu.tag);
    writer.bytes(apdu.bytes);
  },
  shape: clearApduCodec.shape,
};

/**
 * @param options strict refuses octets behind a block, which are otherwise kept as `junk`.
 * @throws DecodeError when `bytes` is not exactly one APDU.
 */
export function decodeApdu(bytes: Uint8Array, { strict = false } = {}): Apdu {
  const apdu = decodeAll(apduCodec, bytes);
  if (strict && "response" in apdu && "junk" in apdu.response && apdu.response.junk !== undefined) {
    const { length } = apdu.response.junk;
    throw new DecodeError(`${length} octets left over`, bytes.length - length);
  }
  return apdu;
}

/** @throws DlmsError FIELD_INVALID naming the field that does not fit. */
export function encodeApdu(apdu: Apdu): Uint8Array {
  return encodeAll(apduCodec, apdu);
}
