/**
 * The asking side by short names: READ and WRITE for GET, SET and ACTION. Logical names become base names through the
 * association's object list, which is read when the first name is not known. Methods that return something are read
 * with their parameter, others are written. Blocks of READ answers and of WRITE where negotiated.
 */
import { data, type Data } from "../axdr/index.js";
import { encodeAll } from "../bytes/codec.js";
import { DlmsError } from "../core/errors.js";
import { associationShortName, parseShortNameList, returnsData } from "../cosem/short-names.js";
import {
  actionResults,
  type ActionResult,
  type Apdu,
  type ConformanceBit,
  type DataAccessResult,
  dataAccessResults,
  encodeApdu,
  type ReadResult,
  type VariableAccess,
  type WriteResult,
  writeRequest,
} from "../xdlms/index.js";
import { BlockCollector, BlockSender, rawCapacity } from "./block-transfer.js";
import { type NameBook } from "./name-book.js";
import { decodeReadTail } from "./raw-data.js";
import { fromItems, toItems } from "./service-items.js";
import {
  type AccessItem,
  type AccessItemResult,
  type ExchangeContext,
  type ServiceRequest,
  type ServiceResponse,
  unexpected,
} from "./service.js";

type ShortContext = Omit<ExchangeContext, "invoke">;
type Exchange<T> = Generator<Apdu, T, Apdu>;

/** What becomes of one item: part of a READ, part of a WRITE, or nothing because there is no such object. */
type Step =
  | { readonly by: "read"; readonly access: VariableAccess }
  | { readonly by: "write"; readonly access: VariableAccess; readonly data: Data }
  | { readonly by: "nothing" };

/** Selector of a method's parameter: it has none to choose from. */
const NO_SELECTOR = 0;
const nothing: Data = { type: "null-data" };

/** @throws DlmsError SHORT_NAME_UNKNOWN for a method whose place is not known; as `ask` */
export function* askShort(
  request: ServiceRequest,
  context: ShortContext,
  book: NameBook,
): Exchange<ServiceResponse> {
  const items = toItems(request);
  if (items.length > 1) need(context, "multiple-references");
  if (!book.complete && items.some((item) => book.names.find(...named(item)) === undefined))
    yield* readObjectList(context, book);
  const steps = items.map((item) => stepOf(item, book, context));
  if (request.type === "set" && request.unconfirmed === true) {
    need(context, "unconfirmed-write");
    const written = steps.flatMap((step) => (step.by === "write" ? [step] : []));
    if (written.length !== steps.length)
      throw new DlmsError("OBJECT_UNDEFINED", "The meter's object list has no such object.");
    yield {
      type: "unconfirmed-write-request",
      variables: written.map(({ access }) => access),
      data: written.map((step) => step.data),
    };
    return { type: "set", results: items.map(() => "success") };
  }
  const results: AccessItemResult[] = [];
  while (results.length < items.length) {
    const { by } = steps[results.length] as Step;
    const rest = steps.slice(results.length);
    const end = rest.findIndex((step) => step.by !== by);
    const run = end < 0 ? rest : rest.slice(0, end);
    const outcomes = yield* carryOut(run, by, context);
    for (const outcome of outcomes) results.push(resultOf(items[results.length] as AccessItem, outcome));
  }
  return fromItems(request.type, results);
}

function* carryOut(
  steps: readonly Step[],
  by: Step["by"],
  context: ShortContext,
): Exchange<readonly (ReadResult | WriteResult)[]> {
  const outcomes =
    by === "nothing"
      ? steps.map((): ReadResult => ({ type: "data-access-error", error: "object-undefined" }))
      : by === "read"
        ? yield* read(
            steps.flatMap((step) => (step.by === "read" ? [step.access] : [])),
            context,
          )
        : yield* write(
            steps.flatMap((step) => (step.by === "write" ? [step] : [])),
            context,
          );
  if (outcomes.length !== steps.length)
    throw unexpected(`holds ${outcomes.length} results for ${steps.length} names`);
  return outcomes;
}

function* read(variables: readonly VariableAccess[], context: ShortContext): Exchange<readonly ReadResult[]> {
  need(context, "read");
  let results = readResults(yield { type: "read-request", variables });
  const collector = new BlockCollector(context.maxApduBytes);
  for (let [first] = results; first?.type === "data-block-result"; [first] = results) {
    const { blockNumber, lastBlock, rawData } = first;
    collector.add(blockNumber, rawData);
    if (lastBlock) return decodeReadTail(collector.finish());
    results = readResults(
      yield { type: "read-request", variables: [{ type: "block-number-access", blockNumber }] },
    );
  }
  return results;
}

function readResults(apdu: Apdu): readonly ReadResult[] {
  if (apdu.type !== "read-response") throw unexpected(`to a READ is a ${apdu.type}`);
  return apdu.results;
}

function* write(
  steps: readonly Extract<Step, { by: "write" }>[],
  context: ShortContext,
): Exchange<readonly WriteResult[]> {
  need(context, "write");
  const body = { variables: steps.map(({ access }) => access), data: steps.map((step) => step.data) };
  const whole: Apdu = { type: "write-request", ...body };
  if (context.generalBlocks || encodeApdu(whole).length <= context.maxSendPdu)
    return writeResults(yield whole);
  need(context, "block-transfer-set");
  const sender = new BlockSender(encodeAll(writeRequest, body));
  const blockOf = ({ blockNumber, lastBlock, rawData }: ReturnType<BlockSender["next"]>): Apdu => ({
    type: "write-request",
    variables: [{ type: "write-data-block-access", blockNumber, lastBlock }],
    data: [data.octetString(rawData)],
  });
  const empty = encodeApdu(blockOf({ blockNumber: 1, lastBlock: false, rawData: new Uint8Array(0) }));
  const capacity = rawCapacity(context.maxSendPdu, empty.length - 1);
  for (;;) {
    const block = sender.next(capacity);
    const results = writeResults(yield blockOf(block));
    const [first] = results;
    if (first?.type !== "block-number") return results;
    if (block.lastBlock) throw unexpected("acknowledges a block where the result was due");
    if (first.blockNumber !== block.blockNumber)
      throw new DlmsError(
        "BLOCK_SEQUENCE",
        `block ${first.blockNumber} was acknowledged, ${block.blockNumber} was sent`,
        { detail: { blockNumber: first.blockNumber, expected: block.blockNumber } },
      );
  }
}

function writeResults(apdu: Apdu): readonly WriteResult[] {
  if (apdu.type !== "write-response") throw unexpected(`to a WRITE is a ${apdu.type}`);
  return apdu.results;
}

/** Reads the names of all objects. @throws DlmsError ACCESS_DENIED, … when the meter keeps them to itself */
function* readObjectList(context: ShortContext, book: NameBook): Exchange<void> {
  const name = book.names.attribute(associationShortName, 2) as number;
  const [result] = yield* read([{ type: "variable-name", name }], context);
  if (result?.type !== "data")
    throw new DlmsError("OBJECT_UNDEFINED", "The meter does not show its list of short names.", {
      detail: { result: result?.type === "data-access-error" ? result.error : "no data" },
    });
  book.learn(parseShortNameList(result.data));
}

function stepOf(item: AccessItem, { names }: NameBook, context: ShortContext): Step {
  const [classId, logicalName] = named(item);
  const object = names.find(classId, logicalName);
  if (object === undefined) return { by: "nothing" };
  if (item.service === "action") {
    const { methodId } = item.method;
    const name = names.method(object, methodId);
    if (name === undefined)
      throw new DlmsError(
        "SHORT_NAME_UNKNOWN",
        `Where method ${methodId} of class ${classId} stands among short names is not known.`,
        { detail: { classId, methodId } },
      );
    const { parameters = nothing } = item;
    if (!returnsData(classId, methodId))
      return { by: "write", access: { type: "variable-name", name }, data: parameters };
    need(context, "parameterized-access");
    const access = {
      type: "parameterized-access",
      name,
      selector: NO_SELECTOR,
      parameter: parameters,
    } as const;
    return { by: "read", access };
  }
  const name = names.attribute(object, item.attribute.attributeId);
  if (name === undefined) return { by: "nothing" };
  const { selection } = item;
  if (selection !== undefined) need(context, "parameterized-access");
  const access: VariableAccess =
    selection === undefined
      ? { type: "variable-name", name }
      : { type: "parameterized-access", name, selector: selection.selector, parameter: selection.parameters };
  return item.service === "get" ? { by: "read", access } : { by: "write", access, data: item.data };
}

function named(item: AccessItem): [number, Uint8Array] {
  const { classId, instanceId } = item.service === "action" ? item.method : item.attribute;
  return [classId, instanceId];
}

function resultOf({ service }: AccessItem, outcome: ReadResult | WriteResult): AccessItemResult {
  if (outcome.type === "data-block-result" || outcome.type === "block-number")
    throw unexpected("holds a block where a result was due");
  const error = outcome.type === "data-access-error" ? outcome.error : undefined;
  switch (service) {
    case "get":
      if (outcome.type === "data") return { service, result: outcome };
      return { service, result: { type: "data-access-error", error: error ?? "other-reason" } };
    case "set":
      return { service, result: error ?? "success" };
    case "action":
      if (outcome.type === "data") return { service, result: "success", returnParameters: outcome };
      return { service, result: error === undefined ? "success" : actionResultOf(error) };
  }
}

/** Both enumerations share their codes. */
function actionResultOf(error: DataAccessResult): ActionResult {
  const code = typeof error === "number" ? error : dataAccessResults[error];
  const known = (Object.entries(actionResults) as [ActionResult, number][]).find(
    ([, value]) => value === code,
  );
  return known?.[0] ?? code;
}

function need({ conformance }: ShortContext, bit: ConformanceBit): void {
  if (!conformance.has(bit))
    throw new DlmsError("LIMIT_EXCEEDED", `this would need ${bit}, which the meter did not agree to`);
}
