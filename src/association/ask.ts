/**
 * The asking side of GET, SET and ACTION: one generator per exchange. It yields the APDU to send, is resumed with the
 * peer's answer, returns the results. Picks normal, with-list or block form from the number of items and the PDU size.
 * With-list and blocks are used only where negotiated; a peer that sends blocks unasked is understood all the same.
 * ACCESS is ask-access.ts', short names are ask-short.ts'.
 */
import { DlmsError } from "../core/errors.js";
import {
  type ActionResponseItem,
  type Apdu,
  type Block,
  type ConformanceBit,
  type DataAccessResult,
  encodeApdu,
  type GetDataResult,
} from "../xdlms/index.js";
import { askShort } from "./ask-short.js";
import { askAccess } from "./ask-access.js";
import { BlockCollector, BlockSender, rawCapacity } from "./block-transfer.js";
import { decodeActionTail, decodeGetTail, encodeItems } from "./raw-data.js";
import {
  type ActionItem,
  type ExchangeContext,
  type GetItem,
  type ServiceRequest,
  type ServiceResponse,
  type SetItem,
  unexpected,
} from "./service.js";

export type Asking = Generator<Apdu, ServiceResponse, Apdu>;

/** @throws DlmsError RemoteProtocolError family for wrong answers, LIMIT_EXCEEDED for what no negotiated form carries. */
export function ask(request: ServiceRequest, context: ExchangeContext): Asking {
  if (request.items.length === 0) throw new DlmsError("LOCAL_PROTOCOL", "a request needs at least one item");
  if (context.shortNames !== undefined) return askShort(request, context, context.shortNames);
  if (request.type === "access") return askAccess(request, context);
  if (request.items.length > 1)
    need(context, "multiple-references", `${request.items.length} items in one request`);
  switch (request.type) {
    case "get":
      return askGet(request.items, context);
    case "set":
      return askSet(request, context);
    case "action":
      return askAction(request.items, context);
  }
}

function need(context: ExchangeContext, bit: ConformanceBit, what: string): void {
  if (!context.conformance.has(bit))
    throw new DlmsError("LIMIT_EXCEEDED", `${what} would need ${bit}, which the meter did not agree to`, {
      detail: { maxSendPdu: context.maxSendPdu },
    });
}

function* askGet(items: readonly GetItem[], { invoke, maxApduBytes }: ExchangeContext): Asking {
  const [first] = items as [GetItem];
  const single = items.length === 1;
  const answer = yield {
    type: "get-request",
    request: single ? { type: "normal", invoke, ...first } : { type: "with-list", invoke, attributes: items },
  };
  let response = getResponse(answer);
  if (response.type === "normal" && single) return getResults([response.result], items);
  if (response.type === "with-list" && !single) return getResults(response.results, items);
  const collector = new BlockCollector(maxApduBytes);
  while (response.type === "with-datablock") {
    const { result, blockNumber, lastBlock } = response;
    if (result.type === "data-access-error")
      return getResults(
        items.map(() => result),
        items,
      );
    collector.add(blockNumber, result.rawData);
    if (lastBlock) return getResults(decodeGetTail(collector.finish(), single), items);
    response = getResponse(yield { type: "get-request", request: { type: "next", invoke, blockNumber } });
    // Some meters end a block transfer that fails on their side with a plain error.
    if (response.type === "normal" && response.result.type === "data-access-error") {
      const { result: failure } = response;
      return getResults(
        items.map(() => failure),
        items,
      );
    }
  }
  throw unexpected(`is a get-response ${response.type}`);
}

function getResponse(apdu: Apdu): Extract<Apdu, { type: "get-response" }>["response"] {
  if (apdu.type !== "get-response") throw unexpected(`to a GET is a ${apdu.type}`);
  return apdu.response;
}

function getResults(results: readonly GetDataResult[], items: readonly GetItem[]): ServiceResponse {
  if (results.length !== items.length)
    throw unexpected(`holds ${results.length} results for ${items.length} items`);
  return { type: "get", results };
}

function* askSet(
  { items, unconfirmed = false }: Extract<ServiceRequest, { type: "set" }>,
  context: ExchangeContext,
): Asking {
  const { invoke, maxSendPdu, generalBlocks } = context;
  const [first] = items as [SetItem];
  const single = items.length === 1;
  const attributes = items.map(({ attribute, selection }) =>
    selection === undefined ? { attribute } : { attribute, selection },
  );
  const data = items.map((item) => item.data);
  const whole: Apdu = {
    type: "set-request",
    request: single ? { type: "normal", invoke, ...first } : { type: "with-list", invoke, attributes, data },
  };
  if (generalBlocks || encodeApdu(whole).length <= maxSendPdu) {
    const answer = yield whole;
    if (unconfirmed) return { type: "set", results: items.map(() => "success") };
    return setResults(setResponse(answer), items);
  }
  if (unconfirmed) throw new DlmsError("LIMIT_EXCEEDED", "so long a SET goes in blocks, which are confirmed");

  need(context, "block-transfer-set", "so long a SET");
  const sender = new BlockSender(encodeItems(data, single));
  const opening = (block: Block): Apdu => ({
    type: "set-request",
    request: single
      ? { type: "first-datablock", invoke, ...(attributes[0] as GetItem), block }
      : { type: "with-list-first-datablock", invoke, attributes, block },
  });
  let response = setResponse(yield opening(sender.next(capacityOf(opening, maxSendPdu))));
  const following = (block: Block): Apdu => ({
    type: "set-request",
    request: { type: "datablock", invoke, block },
  });
  while (!sender.finished) {
    if (response.type !== "datablock") return endedEarly(setResults(response, items));
    acknowledged(response.blockNumber, sender);
    response = setResponse(yield following(sender.next(capacityOf(following, maxSendPdu))));
  }
  return setResults(response, items);
}

function setResponse(apdu: Apdu): Extract<Apdu, { type: "set-response" }>["response"] {
  if (apdu.type !== "set-response") throw unexpected(`to a SET is a ${apdu.type}`);
  return apdu.response;
}

function setResults(
  response: Extract<Apdu, { type: "set-response" }>["response"],
  items: readonly SetItem[],
): ServiceResponse {
  let results: readonly DataAccessResult[];
  switch (response.type) {
    case "normal":
    case "last-datablock":
      // One error for a whole list is the error of each of its items.
      if (items.length > 1 && response.result === "success")
        throw unexpected("holds one result for several items");
      results = items.map(() => response.result);
      break;
    case "with-list":
    case "last-datablock-with-list":
      results = response.results;
      break;
    case "datablock":
      throw unexpected("acknowledges a block where the result was due");
  }
  if (results.length !== items.length)
    throw unexpected(`holds ${results.length} results for ${items.length} items`);
  return { type: "set", results };
}

function* askAction(items: readonly ActionItem[], context: ExchangeContext): Asking {
  const { invoke, maxSendPdu, generalBlocks } = context;
  const [first] = items as [ActionItem];
  const single = items.length === 1;
  const methods = items.map((item) => item.method);
  const parameters = items.map((item) => item.parameters ?? { type: "null-data" as const });
  const whole: Apdu = {
    type: "action-request",
    request: single
      ? { type: "normal", invoke, ...first }
      : { type: "with-list", invoke, methods, parameters },
  };
  let response;
  if (generalBlocks || encodeApdu(whole).length <= maxSendPdu) response = actionResponse(yield whole);
  else {
    need(context, "block-transfer-action", "so long an ACTION");
    const sender = new BlockSender(encodeItems(parameters, single));
    const opening = (block: Block): Apdu => ({
      type: "action-request",
      request: single
        ? { type: "first-pblock", invoke, method: first.method, block }
        : { type: "with-list-first-pblock", invoke, methods, block },
    });
    const following = (block: Block): Apdu => ({
      type: "action-request",
      request: { type: "pblock", invoke, block },
    });
    response = actionResponse(yield opening(sender.next(capacityOf(opening, maxSendPdu))));
    while (!sender.finished) {
      if (response.type !== "next-pblock") break;
      acknowledged(response.blockNumber, sender);
      response = actionResponse(yield following(sender.next(capacityOf(following, maxSendPdu))));
    }
    if (!sender.finished && response.type === "normal") return endedEarly(actionResults([response], items));
    if (!sender.finished) throw unexpected("ends the ACTION before all its blocks were sent");
  }
  if (response.type === "normal" && single) return actionResults([response], items);
  if (response.type === "with-list" && !single) return actionResults(response.responses, items);
  const collector = new BlockCollector(context.maxApduBytes);
  while (response.type === "with-pblock") {
    const { blockNumber, lastBlock, rawData } = response.block;
    collector.add(blockNumber, rawData);
    if (lastBlock) return actionResults(decodeActionTail(collector.finish(), single), items);
    response = actionResponse(
      yield { type: "action-request", request: { type: "next-pblock", invoke, blockNumber } },
    );
    if (response.type === "normal" && response.result !== "success") return actionResults([response], items);
  }
  throw unexpected(`is an action-response ${response.type}`);
}

function actionResponse(apdu: Apdu): Extract<Apdu, { type: "action-response" }>["response"] {
  if (apdu.type !== "action-response") throw unexpected(`to an ACTION is a ${apdu.type}`);
  return apdu.response;
}

function actionResults(
  responses: readonly ActionResponseItem[],
  items: readonly ActionItem[],
): ServiceResponse {
  const [only] = responses;
  // One error for a whole list is the error of each of its items.
  const spread =
    responses.length === 1 && items.length > 1 && only !== undefined && only.result !== "success";
  const all = spread ? items.map(() => only) : responses;
  if (all.length !== items.length) throw unexpected(`holds ${all.length} results for ${items.length} items`);
  return {
    type: "action",
    results: all.map(({ result, returnParameters }) =>
      returnParameters === undefined ? { result } : { result, returnParameters },
    ),
  };
}

/** Room for raw data in the APDU that `build` makes around a block. */
function capacityOf(build: (block: Block) => Apdu, maxSendPdu: number): number {
  const empty = encodeApdu(build({ lastBlock: false, blockNumber: 1, rawData: new Uint8Array(0) }));
  return rawCapacity(maxSendPdu, empty.length - 1);
}

function acknowledged(blockNumber: number, sender: BlockSender): void {
  if (blockNumber !== sender.blockNumber)
    throw new DlmsError(
      "BLOCK_SEQUENCE",
      `block ${blockNumber} was acknowledged, ${sender.blockNumber} was sent`,
      {
        detail: { blockNumber, expected: sender.blockNumber },
      },
    );
}

/** A meter may refuse in the middle of our blocks; it may not be content with half of them. */
function endedEarly(response: ServiceResponse): ServiceResponse {
  const results = response.type === "action" ? response.results.map((r) => r.result) : response.results;
  if (results.some((result) => result === "success"))
    throw unexpected("reports success before all blocks were sent");
  return response;
}
