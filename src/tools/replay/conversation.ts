/**
 * Requests and responses of a recorded conversation, paired and with their blocks put together: what was asked and
 * what came of it, as values. A peer's notification stands alone.
 */
import { type Data, dataCodec } from "../../axdr/index.js";
import { list } from "../../axdr/fields.js";
import { type Codec, decodeAll, encodeAll } from "../../bytes/codec.js";
import { concatBytes } from "../../bytes/hex.js";
import { formatObis } from "../../cosem/obis.js";
import {
  type ActionRequest,
  type ActionResponse,
  type Block,
  type GetDataResult,
  type GetRequest,
  type GetResponse,
  type Selection,
  type SetRequest,
  type SetResponse,
  getDataResult,
} from "../../xdlms/index.js";
import { accessItems, accessResults } from "./access-items.js";
import { type DecodedApdu } from "./apdu-layer.js";
import { type Fault, expectSame, faultOf } from "./link-layer.js";
import { decodeTolerant, encodeTolerant } from "./raw-data.js";

/** One attribute or method, and what came of it. Without `data` and `error` the answer is missing. */
export interface Item {
  readonly classId: number;
  /** `1-0:1.8.0.255` */
  readonly obis: string;
  readonly id: number;
  readonly selection?: Selection;
  /** What a SET or ACTION carried. */
  readonly sent?: Data;
  /** What a GET or ACTION gave back, alone or as a member of ACCESS. */
  readonly data?: Data;
  /** "success", another result by its name, or its number. */
  readonly result?: string | number;
}

export interface Outcome {
  readonly kind: "get" | "set" | "action" | "access";
  readonly step: number;
  readonly frame: number;
  readonly items: readonly Item[];
}

type Service = Outcome["kind"];

interface Open {
  readonly kind: Service;
  readonly step: number;
  readonly list: boolean;
  items: Item[];
  blocks: Uint8Array[];
  sentBlocks: Uint8Array[];
  /** What had to be tolerated in the blocks. */
  tolerated?: string;
}

export interface Paired {
  readonly outcomes: readonly Outcome[];
  readonly faults: readonly Fault[];
  readonly tolerated: readonly Fault[];
}

export function pair(apdus: readonly DecodedApdu[]): Paired {
  const outcomes: Outcome[] = [];
  const faults: Fault[] = [];
  const tolerated: Fault[] = [];
  let open: Open | undefined;

  const close = (frame: number, items: readonly Item[]): void => {
    if (open === undefined) return;
    if (open.tolerated !== undefined) tolerated.push({ frame, reason: open.tolerated });
    outcomes.push({ kind: open.kind, step: open.step, frame, items });
    open = undefined;
  };

  const refuse = (frame: number, by: string): void =>
    close(frame, open?.items.map((item) => ({ ...item, result: by })) ?? []);

  const take = ({ apdu, step, frame }: DecodedApdu): void => {
    const { type } = apdu;
    if (type === "get-request" && apdu.request.type !== "next")
      open = { kind: "get", step, ...getItems(apdu.request), blocks: [], sentBlocks: [] };
    else if (type === "set-request") open = openSet(apdu.request, step, open);
    else if (type === "action-request") open = openAction(apdu.request, step, open);
    else if (type === "get-response" && open?.kind === "get") {
      const results = getResults(apdu.response, open);
      if (results !== undefined)
        close(
          frame,
          open.items.map((item, i) => withResult(item, results[i])),
        );
    } else if (type === "set-response" && open?.kind === "set") {
      const results = setResults(apdu.response);
      if (results !== undefined)
        close(
          frame,
          withSentBlocks(open).map((item, i) => ({ ...item, result: results[i] ?? results[0] ?? "missing" })),
        );
    } else if (type === "action-response" && open?.kind === "action") {
      const results = actionResults(apdu.response, open);
      if (results !== undefined)
        close(
          frame,
          withSentBlocks(open).map((item, i) => ({ ...item, ...results[i] })),
        );
    } else if (type === "access-request") open = started("access", step, true, accessItems(apdu));
    else if (type === "access-response" && open?.kind === "access")
      close(frame, accessResults(open.items, apdu));
    else if (type === "exception-response" || type === "confirmed-service-error") refuse(frame, type);
  };

  for (const decoded of apdus)
    try {
      take(decoded);
    } catch (caught) {
      faults.push(faultOf(decoded.frame, caught));
      open = undefined;
    }
  return { outcomes, faults, tolerated };
}

type NewItems = Pick<Open, "items" | "list">;

function getItems(request: Exclude<GetRequest, { type: "next" }>): NewItems {
  const targets = request.type === "normal" ? [request] : request.attributes;
  return { list: request.type === "with-list", items: targets.map(attributeItem) };
}

function attributeItem(target: {
  readonly attribute: {
    readonly classId: number;
    readonly instanceId: Uint8Array;
    readonly attributeId: number;
  };
  readonly selection?: Selection;
}): Item {
  const { classId, instanceId, attributeId } = target.attribute;
  const item = { classId, obis: formatObis(instanceId), id: attributeId };
  return target.selection === undefined ? item : { ...item, selection: target.selection };
}

function openSet(request: SetRequest, step: number, open: Open | undefined): Open | undefined {
  switch (request.type) {
    case "normal":
      return started("set", step, false, [{ ...attributeItem(request), sent: request.data }]);
    case "with-list":
      return started(
        "set",
        step,
        true,
        request.attributes.map((target, i) => withSent(attributeItem(target), request.data[i])),
      );
    case "first-datablock":
      return started("set", step, false, [attributeItem(request)], request.block);
    case "with-list-first-datablock":
      return started("set", step, true, request.attributes.map(attributeItem), request.block);
    case "datablock":
      open?.sentBlocks.push(request.block.rawData);
      return open;
  }
}

function openAction(request: ActionRequest, step: number, open: Open | undefined): Open | undefined {
  const methodItem = ({
    classId,
    instanceId,
    methodId,
  }: {
    classId: number;
    instanceId: Uint8Array;
    methodId: number;
  }): Item => ({
    classId,
    obis: formatObis(instanceId),
    id: methodId,
  });
  switch (request.type) {
    case "normal":
      return started("action", step, false, [withSent(methodItem(request.method), request.parameters)]);
    case "with-list":
      return started(
        "action",
        step,
        true,
        request.methods.map((method, i) => withSent(methodItem(method), request.parameters[i])),
      );
    case "first-pblock":
      return started("action", step, false, [methodItem(request.method)], request.block);
    case "with-list-first-pblock":
      return started("action", step, true, request.methods.map(methodItem), request.block);
    case "pblock":
      open?.sentBlocks.push(request.block.rawData);
      return open;
    case "next-pblock":
      return open;
  }
}

function started(kind: Service, step: number, many: boolean, items: Item[], block?: Block): Open {
  return {
    kind,
    step,
    list: many,
    items,
    blocks: [],
    sentBlocks: block === undefined ? [] : [block.rawData],
  };
}

function withSent(item: Item, sent: Data | undefined): Item {
  return sent === undefined ? item : { ...item, sent };
}

function withResult(item: Item, result: GetDataResult | undefined): Item {
  if (result === undefined) return item;
  return result.type === "data"
    ? { ...item, data: result.data, result: "success" }
    : { ...item, result: result.error };
}

function getResults(response: GetResponse, open: Open): readonly GetDataResult[] | undefined {
  switch (response.type) {
    case "normal":
      return [response.result];
    case "with-list":
      return response.results;
    case "with-datablock": {
      if (response.result.type === "data-access-error")
        return [{ type: "data-access-error", error: response.result.error }];
      open.blocks.push(response.result.rawData);
      if (!response.lastBlock) return undefined;
      const raw = concatBytes(...open.blocks);
      return open.list
        ? whole(list(getDataResult), raw).value
        : [{ type: "data", data: tolerant(raw, open) }];
    }
  }
}

function setResults(response: SetResponse): readonly (string | number)[] | undefined {
  switch (response.type) {
    case "normal":
    case "last-datablock":
      return [response.result];
    case "with-list":
    case "last-datablock-with-list":
      return response.results;
    case "datablock":
      return undefined;
  }
}

type ActionItemResult = Pick<Item, "data" | "result">;

function actionResults(response: ActionResponse, open: Open): readonly ActionItemResult[] | undefined {
  switch (response.type) {
    case "normal":
      return [actionResult(response)];
    case "with-list":
      return response.responses.map(actionResult);
    case "with-pblock": {
      open.blocks.push(response.block.rawData);
      if (!response.block.lastBlock) return undefined;
      return [{ result: "success", data: whole(dataCodec, concatBytes(...open.blocks)) }];
    }
    case "next-pblock":
      return undefined;
  }
}

function actionResult({
  result,
  returnParameters,
}: {
  result: string | number;
  returnParameters?: GetDataResult;
}): ActionItemResult {
  if (returnParameters?.type === "data") return { result, data: returnParameters.data };
  if (result === "success" && returnParameters?.type === "data-access-error")
    return { result: returnParameters.error };
  return { result };
}

/** The values a long SET or ACTION carried, once its last block is acknowledged. */
function withSentBlocks({ items, list: many, sentBlocks }: Open): Item[] {
  if (sentBlocks.length === 0) return items;
  const raw = concatBytes(...sentBlocks);
  const values = many ? whole(list(dataCodec), raw).value : [whole(dataCodec, raw)];
  return items.map((item, i) => withSent(item, values[i]));
}

function tolerant(raw: Uint8Array, open: Open): Data {
  const value = decodeTolerant(raw);
  expectSame("raw data", encodeTolerant(value), raw);
  if (value.junk !== undefined) open.tolerated = "octets follow the value in the blocks";
  if (value.statedCount !== undefined) open.tolerated = "the array states more elements than the blocks hold";
  return value.data;
}

function whole<T>(codec: Codec<T>, raw: Uint8Array): T {
  const value = decodeAll(codec, raw);
  expectSame("raw data", encodeAll(codec, value), raw);
  return value;
}
