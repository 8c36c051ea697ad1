/** An object store filled from a recording's own answers: each request finds what the recorded server answered to it. */
import assert from "node:assert/strict";
import {
  type AccessItemResult,
  type ServiceRequest,
  type ServiceResponse,
} from "../../src/association/index.js";
import { type Data, dataCodec } from "../../src/axdr/index.js";
import { concatBytes, toHex } from "../../src/bytes/hex.js";
import { DecodeError } from "../../src/core/errors.js";
import { Reader } from "../../src/bytes/reader.js";
import {
  type ActionResponse,
  type Apdu,
  apduCodec,
  decodeApdu,
  encodeApdu,
  type GetResponse,
  type SetResponse,
} from "../../src/xdlms/index.js";
import { type Conversation } from "../support/conversation.js";
import { type Step } from "./client-setup.js";

/** The recorded server's APDUs in answer to one step, in order; junk after an APDU is dropped. */
export function answersTo({ apdus }: Pick<Conversation, "apdus">, step: Step): readonly Apdu[] {
  const answers: Apdu[] = [];
  for (const { direction, bytes } of apdus.slice(step.apdu + 1)) {
    if (direction === "s2c") answers.push(...decoded(() => apduCodec.decode(new Reader(bytes))));
    else if (!carriesOn(bytes)) break;
  }
  return joined(answers);
}

/** General blocks in sequence as the APDU they make; others, and those that make none, as they are. */
function joined(answers: readonly Apdu[]): readonly Apdu[] {
  const blocks: Uint8Array[] = [];
  return answers.flatMap((apdu) => {
    if (apdu.type !== "general-block-transfer") return [apdu];
    if (apdu.blockNumber !== blocks.length + 1) return [apdu];
    blocks.push(apdu.blockData);
    return apdu.lastBlock ? [decodeApdu(concatBytes(...blocks.splice(0)))] : [];
  });
}

/** Nothing where a recorded server sends garbage. */
function decoded<T>(decode: () => T): T[] {
  try {
    return [decode()];
  } catch (caught) {
    if (caught instanceof DecodeError) return [];
    throw caught;
  }
}

/** Whether a client's APDU goes on with an exchange that began before. */
export function carriesOn([tag, form]: Uint8Array): boolean {
  return (
    tag === 0xe0 ||
    (tag === 0xc0 && form === 2) ||
    (tag === 0xc1 && form === 3) ||
    (tag === 0xc3 && (form === 2 || form === 6))
  );
}

/** The raw data of all blocks of a GET answer, joined; undefined when it came whole. */
export function blocksOf(answers: readonly Apdu[]): Uint8Array | undefined {
  const blocks = answers.flatMap((answer) =>
    answer.type === "get-response" &&
    answer.response.type === "with-datablock" &&
    answer.response.result.type === "raw-data"
      ? [answer.response.result.rawData]
      : [],
  );
  return blocks.length === 0 ? undefined : concatBytes(...blocks);
}

export class RecordedStore {
  readonly #answers = new Map<string, ServiceResponse[]>();

  /** Steps whose recorded answer is none that a server of ours could give are left out. */
  constructor(conversation: Conversation, steps: readonly Step[]) {
    for (const step of steps) {
      if (step.intent.type !== "request") continue;
      const { request } = step.intent;
      const response = responseTo(request, answersTo(conversation, step));
      if (response === undefined) continue;
      const queue = this.#answers.get(keyOf(request)) ?? [];
      queue.push(response);
      this.#answers.set(keyOf(request), queue);
    }
  }

  has(request: ServiceRequest): boolean {
    return (this.#answers.get(keyOf(request))?.length ?? 0) > 0;
  }

  /** What the recorded server answered the first, second, … time it was asked. */
  answer(request: ServiceRequest): ServiceResponse {
    const response = this.#answers.get(keyOf(request))?.shift();
    if (response === undefined) throw new Error(`the recording has no answer to ${keyOf(request)}`);
    return response;
  }
}

function responseTo(request: ServiceRequest, answers: readonly Apdu[]): ServiceResponse | undefined {
  const raw = blocksOf(answers);
  const last = answers[answers.length - 1];
  if (raw !== undefined)
    return decoded((): ServiceResponse => {
      return { type: "get", results: [{ type: "data", data: dataCodec.decode(new Reader(raw)) }] };
    })[0];
  if (last?.type === "access-response" && request.type === "access")
    return {
      type: "access",
      results: last.results.map((item, i): AccessItemResult => {
        assert.ok(item.type === "get");
        const { result } = item;
        return result === "success"
          ? { service: "get", result: { type: "data", data: last.data[i] as Data } }
          : { service: "get", result: { type: "data-access-error", error: result } };
      }),
    };
  if (last === undefined || !("response" in last)) return undefined;
  return ofKind(request.type, last.response);
}

function ofKind(
  kind: ServiceRequest["type"],
  response: GetResponse | SetResponse | ActionResponse,
): ServiceResponse | undefined {
  if (kind === "action" && response.type === "normal" && "result" in response)
    return { type: "action", results: [response as Extract<ActionResponse, { type: "normal" }>] };
  if ("results" in response) return { type: kind, results: response.results } as ServiceResponse;
  return "result" in response ? ({ type: kind, results: [response.result] } as ServiceResponse) : undefined;
}

/** The request as octets, without what differs from one time to the next. */
function keyOf(request: ServiceRequest): string {
  const invoke = { invokeId: 0, confirmed: true, highPriority: false };
  switch (request.type) {
    case "get":
      return toHex(
        encodeApdu({
          type: "get-request",
          request: { type: "with-list", invoke, attributes: request.items },
        }),
      );
    case "set":
      return toHex(
        encodeApdu({
          type: "set-request",
          request: {
            type: "with-list",
            invoke,
            attributes: request.items,
            data: request.items.map(({ data }) => data),
          },
        }),
      );
    case "access":
      return JSON.stringify(request.items);
    case "action":
      return request.items
        .map((item) =>
          toHex(encodeApdu({ type: "action-request", request: { type: "normal", invoke, ...item } })),
        )
        .join(" ");
  }
}
