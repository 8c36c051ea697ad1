/**
 * The answering side of GET, SET and ACTION: one generator per exchange, keyed by its invoke id in answering-side.ts.
 * It yields `indicate` (resumed with the service's response) and `reply` (resumed with the peer's next request of the
 * same exchange), and returns the last APDU. Blocks and lists only where negotiated. ACCESS is answer-access.ts',
 * short names are answer-short.ts'.
 */
import { type Data } from "../axdr/data.js";
import { DecodeError, DlmsError } from "../core/errors.js";
import { ShortNames } from "../cosem/short-names.js";
import {
  type ActionResult,
  type Apdu,
  type Block,
  type DataAccessResult,
  encodeApdu,
} from "../xdlms/index.js";
import { answerShort, answerStrayShort, isOpeningShort } from "./answer-short.js";
import { answerAccess } from "./answer-access.js";
import { BlockCollector, BlockSender, rawCapacity } from "./block-transfer.js";
import { actionTail, decodeItems, getTail } from "./raw-data.js";
import { exception } from "./refusal.js";
import {
  type ExchangeContext,
  type GetItem,
  type ServiceRequest,
  type ServiceRequestApdu,
  type ServiceResponse,
} from "./service.js";

export type AnswerStep =
  | { readonly type: "indicate"; readonly request: ServiceRequest }
  | { readonly type: "reply"; readonly apdu: Apdu };

export type Answering = Generator<AnswerStep, Apdu, ServiceRequestApdu | ServiceResponse>;

type Response<T extends ServiceResponse["type"]> = Extract<ServiceResponse, { type: T }>;
/** APDUs of the services that have blocks of their own. */
type BlockwiseApdu = Extract<ServiceRequestApdu, { readonly request: unknown }>;
type Request<T extends BlockwiseApdu["type"]> = Extract<BlockwiseApdu, { type: T }>["request"];

/** get-response with-datablock and action-response with-pblock around no raw data, without the length octet. */
const GET_BLOCK_OVERHEAD = 9;
const ACTION_BLOCK_OVERHEAD = 8;

/** Whether the request begins an exchange; the others carry one on. */
export function isOpening(apdu: ServiceRequestApdu): boolean {
  if ("variables" in apdu) return isOpeningShort(apdu);
  if (apdu.type === "access-request") return true;
  const { type } = apdu.request;
  return type !== "next" && type !== "datablock" && type !== "pblock" && type !== "next-pblock";
}

/** Answers a request that carries on an exchange nobody began. */
export function answerStray(apdu: ServiceRequestApdu): Apdu {
  if ("variables" in apdu) return answerStrayShort(apdu);
  if (apdu.type === "access-request") return exception("other-reason");
  const { invoke } = apdu.request;
  switch (apdu.type) {
    case "get-request":
      return {
        type: "get-response",
        response: {
          type: "with-datablock",
          invoke,
          lastBlock: true,
          blockNumber: apdu.request.type === "next" ? apdu.request.blockNumber : 0,
          result: { type: "data-access-error", error: "no-long-get-in-progress" },
        },
      };
    case "set-request":
      return {
        type: "set-response",
        response: {
          type: "last-datablock",
          invoke,
          result: "no-long-set-in-progress",
          blockNumber: apdu.request.type === "datablock" ? apdu.request.block.blockNumber : 0,
        },
      };
    case "action-request":
      return {
        type: "action-response",
        response: { type: "normal", invoke, result: "no-long-action-in-progress" },
      };
  }
}

export function answer(apdu: ServiceRequestApdu, agreed: Omit<ExchangeContext, "invoke">): Answering {
  if ("variables" in apdu)
    return answerShort(apdu, { ...agreed, names: agreed.shortNames?.names ?? new ShortNames([]) });
  if (apdu.type === "access-request") return answerAccess(apdu, agreed);
  const context = { ...agreed, invoke: apdu.request.invoke };
  switch (apdu.type) {
    case "get-request":
      return answerGet(apdu.request, context);
    case "set-request":
      return answerSet(apdu.request, context);
    case "action-request":
      return answerAction(apdu.request, context);
  }
}

function* answerGet(request: Request<"get-request">, context: ExchangeContext): Answering {
  const { invoke, conformance, maxSendPdu, generalBlocks } = context;
  if (request.type === "next") throw new DlmsError("LOCAL_PROTOCOL");
  const single = request.type === "normal";
  if (!conformance.has("get") || (!single && !conformance.has("multiple-references")))
    return exception("service-not-supported");
  const items = single ? [pick(request)] : request.attributes.map(pick);
  const { results } = (yield { type: "indicate", request: { type: "get", items } }) as Response<"get">;
  const whole: Apdu = {
    type: "get-response",
    response: single
      ? { type: "normal", invoke, result: results[0] as (typeof results)[number] }
      : { type: "with-list", invoke, results },
  };
  const bytes = encodeApdu(whole);
  if (generalBlocks || bytes.length <= maxSendPdu) return whole;
  if (!conformance.has("block-transfer-get")) return exception("pdu-too-long");
  const sender = new BlockSender(getTail(bytes, single));
  for (;;) {
    const { lastBlock, blockNumber, rawData } = sender.next(rawCapacity(maxSendPdu, GET_BLOCK_OVERHEAD));
    const block: Apdu = {
      type: "get-response",
      response: {
        type: "with-datablock",
        invoke,
        lastBlock,
        blockNumber,
        result: { type: "raw-data", rawData },
      },
    };
    if (lastBlock) return block;
    const next = (yield { type: "reply", apdu: block }) as ServiceRequestApdu;
    if (next.type !== "get-request" || next.request.type !== "next") return answerStray(next);
    if (next.request.blockNumber !== blockNumber)
      return {
        type: "get-response",
        response: {
          type: "with-datablock",
          invoke,
          lastBlock: true,
          blockNumber: next.request.blockNumber,
          result: { type: "data-access-error", error: "data-block-number-invalid" },
        },
      };
  }
}

function* answerSet(request: Request<"set-request">, context: ExchangeContext): Answering {
  const { invoke, conformance } = context;
  if (request.type === "datablock") throw new DlmsError("LOCAL_PROTOCOL");
  const single = request.type === "normal" || request.type === "first-datablock";
  if (
    !conformance.has("set") ||
    (!single && !conformance.has("multiple-references")) ||
    ("block" in request && !conformance.has("block-transfer-set"))
  )
    return exception("service-not-supported");
  const attributes = "attributes" in request ? request.attributes.map(pick) : [pick(request)];
  let blockNumber: number | undefined;
  const respond = (results: readonly DataAccessResult[]): Apdu => {
    const [result] = results as [DataAccessResult];
    if (blockNumber === undefined)
      return {
        type: "set-response",
        response: single ? { type: "normal", invoke, result } : { type: "with-list", invoke, results },
      };
    return {
      type: "set-response",
      response: single
        ? { type: "last-datablock", invoke, result, blockNumber }
        : { type: "last-datablock-with-list", invoke, results, blockNumber },
    };
  };
  const refused = (result: DataAccessResult): Apdu => respond(attributes.map(() => result));
  let data: readonly Data[];
  if ("block" in request) {
    const collected = yield* collect("set-request", request.block, (number) => ({
      type: "set-response",
      response: { type: "datablock", invoke, blockNumber: number },
    }));
    if (collected.stray !== undefined) return collected.stray;
    ({ blockNumber } = collected);
    if (collected.raw === undefined) return refused("data-block-number-invalid");
    const decoded = decodedItems(collected.raw, single);
    if (decoded === undefined) return refused("type-unmatched");
    data = decoded;
  } else data = request.type === "normal" ? [request.data] : request.data;
  if (data.length !== attributes.length) return refused("other-reason");
  const items = attributes.map((item, i) => ({ ...item, data: data[i] as Data }));
  const { results } = (yield { type: "indicate", request: { type: "set", items } }) as Response<"set">;
  return respond(results);
}

function* answerAction(request: Request<"action-request">, context: ExchangeContext): Answering {
  const { invoke, conformance, maxSendPdu, generalBlocks } = context;
  if (request.type === "pblock" || request.type === "next-pblock") throw new DlmsError("LOCAL_PROTOCOL");
  const single = request.type === "normal" || request.type === "first-pblock";
  if (
    !conformance.has("action") ||
    (!single && !conformance.has("multiple-references")) ||
    ("block" in request && !conformance.has("block-transfer-action"))
  )
    return exception("service-not-supported");
  const methods = "methods" in request ? request.methods : [request.method];
  const refused = (result: ActionResult): Apdu => ({
    type: "action-response",
    response: single
      ? { type: "normal", invoke, result }
      : { type: "with-list", invoke, responses: methods.map(() => ({ result })) },
  });
  let parameters: readonly (Data | undefined)[];
  if ("block" in request) {
    const collected = yield* collect("action-request", request.block, (blockNumber) => ({
      type: "action-response",
      response: { type: "next-pblock", invoke, blockNumber },
    }));
    if (collected.stray !== undefined) return collected.stray;
    if (collected.raw === undefined) return refused("long-action-aborted");
    const decoded = decodedItems(collected.raw, single);
    if (decoded === undefined) return refused("type-unmatched");
    parameters = decoded;
  } else parameters = request.type === "normal" ? [request.parameters] : request.parameters;
  if (parameters.length !== methods.length) return refused("other-reason");
  const items = methods.map((method, i) => {
    const parameter = parameters[i];
    return parameter === undefined ? { method } : { method, parameters: parameter };
  });
  const { results } = (yield { type: "indicate", request: { type: "action", items } }) as Response<"action">;
  const whole: Apdu = {
    type: "action-response",
    response: single
      ? { type: "normal", invoke, ...(results[0] as (typeof results)[number]) }
      : { type: "with-list", invoke, responses: results },
  };
  const bytes = encodeApdu(whole);
  if (generalBlocks || bytes.length <= maxSendPdu) return whole;
  if (!conformance.has("block-transfer-action")) return exception("pdu-too-long");
  const sender = new BlockSender(actionTail(bytes));
  for (;;) {
    const block = sender.next(rawCapacity(maxSendPdu, ACTION_BLOCK_OVERHEAD));
    const apdu: Apdu = { type: "action-response", response: { type: "with-pblock", invoke, block } };
    if (block.lastBlock) return apdu;
    const next = (yield { type: "reply", apdu }) as ServiceRequestApdu;
    if (next.type !== "action-request" || next.request.type !== "next-pblock") return answerStray(next);
    if (next.request.blockNumber !== block.blockNumber) return refused("long-action-aborted");
  }
}

interface Collected {
  readonly blockNumber: number;
  /** Missing when the blocks were out of order or too many. */
  readonly raw?: Uint8Array;
  /** The peer sent something else in between; this answers it and ends the exchange. */
  readonly stray?: Apdu;
}

/** Takes the peer's blocks, acknowledging all but the last. */
function* collect(
  kind: "set-request" | "action-request",
  first: Block,
  acknowledge: (blockNumber: number) => Apdu,
): Generator<AnswerStep, Collected, ServiceRequestApdu | ServiceResponse> {
  const collector = new BlockCollector();
  for (let block = first; ;) {
    const { blockNumber } = block;
    try {
      collector.add(blockNumber, block.rawData);
    } catch (caught) {
      if (caught instanceof DlmsError) return { blockNumber };
      throw caught;
    }
    if (block.lastBlock) return { blockNumber, raw: collector.finish() };
    const next = (yield { type: "reply", apdu: acknowledge(blockNumber) }) as BlockwiseApdu;
    const carriesOn = next.request.type === "datablock" || next.request.type === "pblock";
    if (next.type !== kind || !carriesOn) return { blockNumber, stray: answerStray(next) };
    block = (next.request as { readonly block: Block }).block;
  }
}

function decodedItems(raw: Uint8Array, single: boolean): readonly Data[] | undefined {
  try {
    return decodeItems(raw, single);
  } catch (caught) {
    if (caught instanceof DecodeError) return undefined;
    throw caught;
  }
}

function pick({ attribute, selection }: GetItem): GetItem {
  return selection === undefined ? { attribute } : { attribute, selection };
}
