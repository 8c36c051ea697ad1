/**
 * What the raw data of a block transfer is: the tail of the APDU that would have been sent whole. A GET carries Data, or
 * with a list SEQUENCE OF Get-Data-Result; SET and ACTION requests carry Data or SEQUENCE OF Data; an ACTION response
 * carries the result with optional data, or a list of them. Reading drops octets after a complete value (recorded
 * meters send some in last blocks) and takes the bare return value of an ACTION too.
 */
import { type Data, dataCodec } from "../axdr/data.js";
import { listField, optionalField } from "../axdr/fields.js";
import { readLength } from "../axdr/length.js";
import { type Codec, decodeAll, encodeAll, seq } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { Reader } from "../bytes/reader.js";
import { DecodeError } from "../core/errors.js";
import {
  actionResult,
  type ActionResponseItem,
  type GetDataResult,
  getDataResult,
  readResponse,
  type ReadResult,
} from "../xdlms/index.js";

const dataList = listField("items", dataCodec);
const getResults = listField("items", getDataResult);
const actionItem: Codec<ActionResponseItem> = merged(
  seq({ result: actionResult }),
  optionalField("returnParameters", getDataResult),
);
const actionItems = listField("items", actionItem);

/** Octets before the raw data: tag, form, invoke id; in a get-response normal also the choice. */
const HEAD = 3;
const GET_NORMAL_HEAD = 4;
/** Tag of array in Data. */
const ARRAY = 0x01;

/** The raw data that stands for a whole encoded get-response. */
export function getTail(apdu: Uint8Array, single: boolean): Uint8Array {
  return apdu.subarray(single ? GET_NORMAL_HEAD : HEAD);
}

/** The raw data that stands for a whole encoded action-response. */
export function actionTail(apdu: Uint8Array): Uint8Array {
  return apdu.subarray(HEAD);
}

/** @throws DecodeError when no complete value begins the raw data. */
export function decodeGetTail(raw: Uint8Array, single: boolean): readonly GetDataResult[] {
  return single ? [{ type: "data", data: wholeOrShortArray(raw) }] : prefix(getResults, raw).items;
}

/**
 * Some meters state more elements of their object list than they send. When the octets end exactly between two
 * elements of the outermost array, what came is what there is.
 */
function wholeOrShortArray(raw: Uint8Array): Data {
  try {
    return prefix(dataCodec, raw);
  } catch (caught) {
    if (!(caught instanceof DecodeError) || raw[0] !== ARRAY) throw caught;
    const reader = new Reader(raw, 1);
    readLength(reader);
    const value: Data[] = [];
    while (reader.remaining > 0) value.push(dataCodec.decode(reader));
    return { type: "array", value };
  }
}

/** READ: the results as they would stand in the answer; for one name also the bare value. @throws DecodeError */
export function decodeReadTail(raw: Uint8Array): readonly ReadResult[] {
  const whole = decodedWhole(readResponse, raw)?.results;
  if (whole !== undefined) return whole;
  const bare = decodedWhole(dataCodec, raw);
  return bare === undefined ? prefix(readResponse, raw).results : [{ type: "data", data: bare }];
}

export function encodeItems(items: readonly Data[], single: boolean): Uint8Array {
  return single ? encodeAll(dataCodec, items[0] as Data) : encodeAll(dataList, { items });
}

/** @throws DecodeError */
export function decodeItems(raw: Uint8Array, single: boolean): readonly Data[] {
  return single ? [prefix(dataCodec, raw)] : prefix(dataList, raw).items;
}

/** @throws DecodeError */
export function decodeActionTail(raw: Uint8Array, single: boolean): readonly ActionResponseItem[] {
  if (!single) return prefix(actionItems, raw).items;
  const item = decodedWhole(actionItem, raw);
  if (item !== undefined) return [item];
  const bare = decodedWhole(dataCodec, raw);
  if (bare !== undefined) return [{ result: "success", returnParameters: { type: "data", data: bare } }];
  return [prefix(actionItem, raw)];
}

function prefix<T>(codec: Codec<T>, raw: Uint8Array): T {
  return codec.decode(new Reader(raw));
}

/** The value when it takes exactly all octets. */
function decodedWhole<T>(codec: Codec<T>, raw: Uint8Array): T | undefined {
  try {
    return decodeAll(codec, raw);
  } catch (caught) {
    if (caught instanceof DecodeError) return undefined;
    throw caught;
  }
}
