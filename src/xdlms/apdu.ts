/**
 * Every xDLMS APDU by its tag (IEC 62056-5-3). Protected APDUs decode to their header and closed contents; what is
 * inside a general block transfer comes to light when its blocks are put together.
 */
import { type Codec, choice, decodeAll, encodeAll, seq } from "../bytes/codec.js";
import { DecodeError } from "../core/errors.js";
import { type AccessRequest, type AccessResponse, accessRequest, accessResponse } from "./access.js";
import { type ActionRequest, actionRequest } from "./action-request.js";
import { type ActionResponse, actionResponse } from "./action-response.js";
import { type CipheredApdu, cipheredApduCodec, cipheredTags } from "./ciphered-apdu.js";
import { type ConfirmedServiceError, confirmedServiceError } from "./confirmed-service-error.js";
import { type DataNotification, dataNotification } from "./data-notification.js";
import { type DataNotificationConfirm, dataNotificationConfirm } from "./data-notification-confirm.js";
import { type EventNotification, eventNotification } from "./event-notification.js";
import { type ExceptionResponse, exceptionResponse } from "./exception-response.js";
import { type GeneralBlockTransfer, generalBlockTransfer } from "./general-block-transfer.js";
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
import {
  type InformationReport,
  informationReport,
  type ReadRequest,
  readRequest,
  type ReadResponse,
  readResponse,
  unconfirmedWriteRequest,
  type WriteRequest,
  writeRequest,
  type WriteResponse,
  writeResponse,
} from "./short-name.js";

export type ClearApdu =
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
  | ({ readonly type: "data-notification-confirm" } & DataNotificationConfirm)
  | ({ readonly type: "access-request" } & AccessRequest)
  | ({ readonly type: "access-response" } & AccessResponse)
  | ({ readonly type: "general-block-transfer" } & GeneralBlockTransfer)
  | ({ readonly type: "read-request" } & ReadRequest)
  | ({ readonly type: "write-request" } & WriteRequest)
  | ({ readonly type: "read-response" } & ReadResponse)
  | ({ readonly type: "write-response" } & WriteResponse)
  | ({ readonly type: "unconfirmed-write-request" } & WriteRequest)
  | ({ readonly type: "information-report" } & InformationReport);

export type Apdu = ClearApdu | CipheredApdu;

/** XDLMS-APDU ::= CHOICE, the tags as written here. */
export const clearApduCodec: Codec<ClearApdu> = choice({
  "initiate-request": [0x01, initiateRequest],
  "read-request": [0x05, readRequest],
  "write-request": [0x06, writeRequest],
  "initiate-response": [0x08, initiateResponse],
  "read-response": [0x0c, readResponse],
  "write-response": [0x0d, writeResponse],
  "confirmed-service-error": [0x0e, confirmedServiceError],
  "data-notification": [0x0f, dataNotification],
  "data-notification-confirm": [0x10, dataNotificationConfirm],
  "unconfirmed-write-request": [0x16, unconfirmedWriteRequest],
  "information-report": [0x18, informationReport],
  "get-request": [0xc0, seq({ request: getRequest })],
  "set-request": [0xc1, seq({ request: setRequest })],
  "event-notification": [0xc2, eventNotification],
  "action-request": [0xc3, seq({ request: actionRequest })],
  "get-response": [0xc4, seq({ response: getResponse })],
  "set-response": [0xc5, seq({ response: setResponse })],
  "action-response": [0xc7, seq({ response: actionResponse })],
  "exception-response": [0xd8, exceptionResponse],
  "access-request": [0xd9, accessRequest],
  "access-response": [0xda, accessResponse],
  "general-block-transfer": [0xe0, generalBlockTransfer],
});

export const apduCodec: Codec<Apdu> = {
  decode: (reader) =>
    cipheredTags[reader.peekU8()] === undefined
      ? clearApduCodec.decode(reader)
      : cipheredApduCodec.decode(reader),
  encode: (writer, apdu) =>
    isCiphered(apdu) ? cipheredApduCodec.encode(writer, apdu) : clearApduCodec.encode(writer, apdu),
  shape: { kind: "oneOf", options: [clearApduCodec, cipheredApduCodec] },
};

/** Whether this APDU is protected, in any form. */
export function isCiphered(apdu: Apdu): apdu is CipheredApdu {
  return "content" in apdu;
}

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
