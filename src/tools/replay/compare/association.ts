/** What a client printed about opening the association, against AARE, initiate response or refusal as we decode them. */
import { type Aare } from "../../../acse/index.js";
import { type Apdu, type ConformanceBit, conformanceBits } from "../../../xdlms/index.js";
import { toHex } from "../../../bytes/hex.js";
import { type DecodedApdu } from "../apdu-layer.js";
import { type PrintedStep, type Vector } from "../vector.js";
import { pythonBytes } from "./python-text.js";
import { type Tally } from "./tally.js";

type InitiateResponse = Extract<Apdu, { type: "initiate-response" }>;
type ExceptionResponse = Extract<Apdu, { type: "exception-response" }>;

interface Answers {
  readonly aare?: Aare;
  readonly initiate?: InitiateResponse;
  readonly exception?: ExceptionResponse;
}

const CLIENT_FAILED = "the client failed by itself and printed no value";

export function compareAssociation(
  where: string,
  printed: PrintedStep,
  heard: readonly DecodedApdu[],
  vector: Vector,
  tally: Tally,
): void {
  const answers: Answers = {};
  for (const { apdu } of heard) {
    if (apdu.type === "aare") Object.assign(answers, { aare: apdu });
    if (apdu.type === "initiate-response") Object.assign(answers, { initiate: apdu });
    if (apdu.type === "exception-response") Object.assign(answers, { exception: apdu });
  }
  if (printed.error !== undefined) return compareRefusal(where, printed.error, answers, tally);
  tally.same(`${where}: result`, 0, answers.aare?.result ?? "no AARE");
  if (vector.stoc !== undefined)
    tally.same(
      `${where}: challenge`,
      vector.stoc,
      toHex(answers.aare?.respondingAuthenticationValue ?? new Uint8Array(0)),
    );
  if (vector.negotiatedConformance !== undefined && answers.initiate !== undefined)
    tally.same(
      `${where}: conformance`,
      vector.negotiatedConformance,
      conformanceHex(answers.initiate.conformance),
    );
  if (typeof printed.value === "string") comparePrintedAare(where, printed.value, answers, tally);
}

function compareRefusal(where: string, error: string, { aare, exception }: Answers, tally: Tally): void {
  if (/Invocation counter is invalid/.test(error))
    return tally.same(where, "invocation-counter-error", exception?.serviceError ?? "no exception");
  if (/Ciphering failed/.test(error))
    return tally.same(where, "deciphering-error", exception?.serviceError ?? "no exception");
  if (/permanently rejected/.test(error)) {
    tally.same(`${where}: result`, 1, aare?.result ?? "no AARE");
    if (/Authentication failure/i.test(error))
      tally.same(`${where}: diagnostic`, 13, aare?.diagnostic ?? "no AARE");
    return;
  }
  tally.skip(CLIENT_FAILED);
}

export function conformanceHex(conformance: ReadonlySet<ConformanceBit>): string {
  let bits = 0;
  for (const name of conformance) bits |= 0x80_0000 >>> conformanceBits[name];
  return bits.toString(16).toUpperCase().padStart(6, "0");
}

/** Names dlms-cosem gives to the conformance bits where they are not ours. */
const PYTHON_BITS: Readonly<Record<string, ConformanceBit>> = {
  attribute_0_supported_with_set: "attribute0-set",
  attribute_0_supported_with_get: "attribute0-get",
  priority_management_supported: "priority-mgmt",
  block_transfer_with_get_or_read: "block-transfer-get",
  block_transfer_with_set_or_write: "block-transfer-set",
  block_transfer_with_action: "block-transfer-action",
};

/** `ApplicationAssociationResponse(result=<…: 0>, …)` */
function comparePrintedAare(where: string, text: string, { aare, initiate }: Answers, tally: Tally): void {
  const number = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  const judge = (name: string, printed: string | undefined, ours: string | number | undefined): void => {
    if (printed !== undefined) tally.same(`${where}: ${name}`, printed, ours ?? "none");
  };
  judge("result", number(/AssociationResult\.\w+: (\d+)/), aare?.result);
  judge("diagnostic", number(/result_source_diagnostics=<\w+\.\w+: (\d+)/), aare?.diagnostic);
  const bytes = (value: Uint8Array | undefined): string =>
    value === undefined ? "None" : pythonBytes(value);
  judge(
    "system title",
    number(/system_title=(None|b(?:'.*?'|".*?")), public_cert/),
    bytes(aare?.respondingApTitle),
  );
  judge(
    "challenge",
    number(/authentication_value=(None|b.*?), user_information/),
    bytes(aare?.respondingAuthenticationValue),
  );
  judge("PDU size", number(/server_max_receive_pdu_size=(\d+)/), initiate?.serverMaxReceivePduSize);
  judge("version", number(/negotiated_dlms_version_number=(\d+)/), initiate?.dlmsVersion);
  for (const [, name, set] of text.matchAll(/(\w+)=(True|False)(?=[,)])/g)) {
    const bit = PYTHON_BITS[name as string] ?? (name as string).replaceAll("_", "-");
    if (bit in conformanceBits)
      judge(bit, set, initiate?.conformance.has(bit as ConformanceBit) === true ? "True" : "False");
  }
}
