/**
 * The answering side by short names: READ, WRITE and unconfirmed WRITE, their names resolved to attributes and methods
 * and indicated as GET, SET, ACTION, or all of them mixed as ACCESS. A name that means nothing is answered in its
 * place. Blocks of READ answers and of WRITE where negotiated.
 */
import { type Data } from "../axdr/data.js";
import { decodeAll, encodeAll } from "../bytes/codec.js";
import { DecodeError, DlmsError } from "../core/errors.js";
import { type ShortNames } from "../cosem/short-names.js";
import {
  actionResults,
  type ActionResult,
  type Apdu,
  type ConformanceBit,
  type DataAccessResult,
  encodeApdu,
  readResponse,
  type ReadResult,
  type VariableAccess,
  writeRequest,
  type WriteRequest,
  type WriteResult,
} from "../xdlms/index.js";
import { type Answering, type AnswerStep } from "./answer.js";
import { BlockCollector, BlockSender, rawCapacity } from "./block-transfer.js";
import { exception } from "./refusal.js";
import { toRequest, toResults } from "./service-items.js";
import {
  type AccessItem,
  type AccessItemResult,
  type ExchangeContext,
  type ServiceRequestApdu,
  type ServiceResponse,
} from "./service.js";

export type ShortNameApdu = Extract<
  Apdu,
  { readonly type: "read-request" | "write-request" | "unconfirmed-write-request" }
>;

type ShortContext = Omit<ExchangeContext, "invoke"> & { readonly names: ShortNames };
type Exchange<T> = Generator<AnswerStep, T, ServiceRequestApdu | ServiceResponse>;

/** read-response, one result: a block; without the length octet of its raw data. */
const READ_BLOCK_OVERHEAD = 6;

/** Whether it begins an exchange; the others carry one on. */
export function isOpeningShort({ variables: [first] }: ShortNameApdu): boolean {
  if (first?.type === "write-data-block-access") return first.blockNumber <= 1;
  return first?.type !== "block-number-access";
}

/** Answers what carries on an exchange that nobody began. */
export function answerStrayShort(apdu: ShortNameApdu): Apdu {
  return apdu.type === "read-request"
    ? readError("no-long-get-in-progress")
    : writeError("no-long-set-in-progress");
}

const services: Readonly<Record<ShortNameApdu["type"], ConformanceBit>> = {
  "read-request": "read",
  "write-request": "write",
  "unconfirmed-write-request": "unconfirmed-write",
};

export function* answerShort(apdu: ShortNameApdu, context: ShortContext): Answering {
  const { conformance } = context;
  if (
    !conformance.has(services[apdu.type]) ||
    (apdu.variables.length > 1 && !conformance.has("multiple-references")) ||
    (apdu.variables.some(({ type }) => type === "parameterized-access") &&
      !conformance.has("parameterized-access"))
  )
    return exception("service-not-supported");
  if (apdu.variables.length === 0) return exception("other-reason");
  return apdu.type === "read-request"
    ? yield* answerRead(apdu.variables, context)
    : yield* answerWrite(apdu, context);
}

function* answerRead(variables: readonly VariableAccess[], context: ShortContext): Exchange<Apdu> {
  const results = yield* carryOut(variables, undefined, context);
  const whole: Apdu = { type: "read-response", results: results.map(readResult) };
  if (context.generalBlocks || encodeApdu(whole).length <= context.maxSendPdu) return whole;
  if (!context.conformance.has("block-transfer-get")) return exception("pdu-too-long");
  const sender = new BlockSender(encodeAll(readResponse, whole));
  for (;;) {
    const block = sender.next(rawCapacity(context.maxSendPdu, READ_BLOCK_OVERHEAD));
    const apdu: Apdu = { type: "read-response", results: [{ type: "data-block-result", ...block }] };
    if (block.lastBlock) return apdu;
    const next = (yield { type: "reply", apdu }) as ShortNameApdu;
    const [asked] = next.variables;
    if (asked?.type !== "block-number-access" || asked.blockNumber !== block.blockNumber)
      return next.type === "read-request"
        ? readError("data-block-number-invalid")
        : writeError("no-long-set-in-progress");
  }
}

function* answerWrite(apdu: WriteRequest & ShortNameApdu, context: ShortContext): Exchange<Apdu> {
  let request: WriteRequest = apdu;
  if (apdu.variables[0]?.type === "write-data-block-access") {
    const collected = yield* collect(apdu, context);
    if (!("variables" in collected)) return collected.refusal;
    request = collected;
  }
  const { variables, data } = request;
  if (variables.length !== data.length) return writeError("other-reason");
  const results = yield* carryOut(variables, data, context);
  return { type: "write-response", results: results.map(writeResult) };
}

/** Takes the peer's blocks, acknowledging all but the last. */
function* collect(
  first: WriteRequest & ShortNameApdu,
  { conformance }: ShortContext,
): Exchange<WriteRequest | { readonly refusal: Apdu }> {
  if (!conformance.has("block-transfer-set")) return { refusal: exception("service-not-supported") };
  const collector = new BlockCollector();
  for (let apdu: ShortNameApdu = first; ;) {
    const [access] = apdu.variables;
    const [raw] = "data" in apdu ? apdu.data : [];
    if (access?.type !== "write-data-block-access" || raw?.type !== "octet-string")
      return { refusal: writeError("long-set-aborted") };
    const { blockNumber, lastBlock } = access;
    try {
      collector.add(blockNumber, raw.value);
      if (lastBlock) return decodeAll(writeRequest, collector.finish());
    } catch (caught) {
      if (caught instanceof DecodeError) return { refusal: writeError("type-unmatched") };
      if (caught instanceof DlmsError) return { refusal: writeError("data-block-number-invalid") };
      throw caught;
    }
    const acknowledged: Apdu = { type: "write-response", results: [{ type: "block-number", blockNumber }] };
    apdu = (yield { type: "reply", apdu: acknowledged }) as ShortNameApdu;
  }
}

/** One result per name, in order. `data` is what is written. */
function* carryOut(
  variables: readonly VariableAccess[],
  data: readonly Data[] | undefined,
  { names }: ShortContext,
): Exchange<readonly (AccessItemResult | undefined)[]> {
  const items = variables.map((variable, i) => itemOf(variable, data?.[i], names));
  const known = items.filter((item) => item !== undefined);
  if (known.length === 0) return items.map(() => undefined);
  const response = (yield { type: "indicate", request: toRequest(known) }) as ServiceResponse;
  const results = toResults(response);
  let next = 0;
  return items.map((item) => (item === undefined ? undefined : results[next++]));
}

/** Undefined when the name means nothing, or nothing that can be done so. */
function itemOf(variable: VariableAccess, data: Data | undefined, names: ShortNames): AccessItem | undefined {
  if (variable.type !== "variable-name" && variable.type !== "parameterized-access") return undefined;
  const target = names.resolve(variable.name);
  if (target === undefined) return undefined;
  const { classId, logicalName: instanceId } = target.object;
  const parameter = variable.type === "parameterized-access" ? variable.parameter : undefined;
  if ("methodId" in target) {
    const method = { classId, instanceId, methodId: target.methodId };
    const parameters = data ?? parameter;
    return { service: "action", method, ...(parameters === undefined ? {} : { parameters }) };
  }
  const attribute = { classId, instanceId, attributeId: target.attributeId };
  const selected =
    variable.type === "parameterized-access"
      ? { selection: { selector: variable.selector, parameters: variable.parameter } }
      : {};
  return data === undefined
    ? { service: "get", attribute, ...selected }
    : { service: "set", attribute, ...selected, data };
}

function readResult(item: AccessItemResult | undefined): ReadResult {
  if (item === undefined) return { type: "data-access-error", error: "object-undefined" };
  if (item.service === "get") return item.result;
  const error = errorOf(item);
  if (error !== undefined) return { type: "data-access-error", error };
  const returned = item.service === "action" ? item.returnParameters : undefined;
  return returned ?? { type: "data", data: { type: "null-data" } };
}

function writeResult(item: AccessItemResult | undefined): WriteResult {
  const error = item === undefined ? "object-undefined" : errorOf(item);
  return error === undefined ? { type: "success" } : { type: "data-access-error", error };
}

function errorOf(item: AccessItemResult): DataAccessResult | undefined {
  if (item.service === "get") return item.result.type === "data" ? undefined : item.result.error;
  if (item.result !== "success") return item.service === "set" ? item.result : accessResultOf(item.result);
  const returned = item.service === "action" ? item.returnParameters : undefined;
  return returned?.type === "data-access-error" ? returned.error : undefined;
}

/** Both enumerations share their codes. */
function accessResultOf(result: ActionResult): DataAccessResult {
  return typeof result === "number" ? result : actionResults[result];
}

function readError(error: DataAccessResult): Apdu {
  return { type: "read-response", results: [{ type: "data-access-error", error }] };
}

function writeError(error: DataAccessResult): Apdu {
  return { type: "write-response", results: [{ type: "data-access-error", error }] };
}
