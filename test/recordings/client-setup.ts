/** A client session configured from a recording, and the steps its client took, from the recorded requests alone. */
import assert from "node:assert/strict";
import { type Aarq, decodeAcse } from "../../src/acse/index.js";
import {
  type AccessItem,
  type ClientOptions,
  type ServiceRequest,
  Session,
  type SessionIntent,
} from "../../src/association/index.js";
import { type Data, dataCodec } from "../../src/axdr/index.js";
import { decodeAll } from "../../src/bytes/codec.js";
import { concatBytes } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import { decodeHdlcFrame, HdlcLink, readOffer } from "../../src/hdlc/index.js";
import { WrapperLink } from "../../src/wrapper/index.js";
import { decodeWrapperPdu } from "../../src/wrapper/index.js";
import {
  type AccessRequest,
  type Apdu,
  type AttributeDescriptor,
  decodeApdu,
  type Selection,
} from "../../src/xdlms/index.js";
import { type Conversation, isHdlc, type RecordedApdu } from "../support/conversation.js";
import { isThirdPass, type RecordedSecurity } from "./recorded-security.js";

/** What service-specific ciphering may add: tag, length, control, counter, authentication tag. */
const PROTECTION_OCTETS = 21;

export interface Step {
  readonly intent: SessionIntent;
  /** The APDU that begins it, in `conversation.apdus`. */
  readonly apdu: number;
}

/**
 * What the recorded client asked for, in order; APDUs that only carry a step on are left out.
 * @param proves the session takes the third pass of HLS by itself.
 */
export function stepsOf({ apdus, frames }: Conversation, proves = false): Step[] {
  const steps: Step[] = [];
  const request = (apdu: number, asked: ServiceRequest): void =>
    void steps.push({ apdu, intent: { type: "request", id: steps.length, request: asked } });
  apdus.forEach(({ direction, bytes }, i) => {
    if (direction === "s2c") return;
    // A block of a general block transfer carries an APDU on; one recorded client cuts its block short.
    if (bytes[0] === 0xe0) return;
    if (proves && isThirdPass(bytes)) return;
    if (bytes[0] === 0x60) steps.push({ apdu: i, intent: { type: "associate" } });
    else if (bytes[0] === 0x62) steps.push({ apdu: i, intent: { type: "release" } });
    else {
      const asked = requestOf(decodeApdu(bytes), apdus, i);
      if (asked !== undefined) request(i, asked);
    }
  });
  // A link that ends without RLRQ is a release too.
  const last = frames[frames.length - 2]?.bytes;
  const disc = last !== undefined && isHdlc(last) && decodeHdlcFrame(last).control.type === "DISC";
  if (disc && steps.every(({ intent }) => intent.type !== "release"))
    steps.push({ apdu: apdus.length, intent: { type: "release" } });
  return steps;
}

function requestOf(apdu: Apdu, apdus: readonly RecordedApdu[], at: number): ServiceRequest | undefined {
  if (apdu.type === "get-request") {
    const { request } = apdu;
    if (request.type === "normal") return { type: "get", items: [selected(request)] };
    if (request.type === "with-list") return { type: "get", items: request.attributes };
  }
  if (apdu.type === "set-request") {
    const { request } = apdu;
    if (request.type === "normal")
      return { type: "set", items: [{ ...selected(request), data: request.data }] };
    if (request.type === "first-datablock")
      return { type: "set", items: [{ ...selected(request), data: blocksFrom(apdus, at) }] };
  }
  if (apdu.type === "action-request" && apdu.request.type === "normal") {
    const { method, parameters } = apdu.request;
    return { type: "action", items: [parameters === undefined ? { method } : { method, parameters }] };
  }
  if (apdu.type === "access-request") return { type: "access", items: accessItems(apdu) };
  return undefined;
}

function accessItems({ specifications, data }: AccessRequest): AccessItem[] {
  return specifications.map((specification, i): AccessItem => {
    assert.equal(specification.type, "get", "only GETs were recorded as members of ACCESS");
    assert.deepEqual(data[i], { type: "null-data" });
    return { service: "get", attribute: (specification as { attribute: AttributeDescriptor }).attribute };
  });
}

function selected<A>({ attribute, selection }: { attribute: A; selection?: Selection }) {
  return selection === undefined ? { attribute } : { attribute, selection };
}

/** The data of a SET in blocks; when the recorded client never came to the end, filled up to the announced length. */
function blocksFrom(apdus: readonly RecordedApdu[], at: number): Data {
  const parts: Uint8Array[] = [];
  for (const { direction, bytes } of apdus.slice(at)) {
    if (direction === "s2c") continue;
    const apdu = decodeApdu(bytes);
    if (apdu.type !== "set-request" || !("block" in apdu.request)) break;
    parts.push(apdu.request.block.rawData);
    if (apdu.request.block.lastBlock) return decodeAll(dataCodec, concatBytes(...parts));
  }
  const raw = concatBytes(...parts);
  for (let missing = 0; missing < 0x1_0000; missing++) {
    try {
      return decodeAll(dataCodec, concatBytes(raw, new Uint8Array(missing).fill(0x78)));
    } catch (caught) {
      if (missing === 0xffff) throw caught;
    }
  }
  throw new Error("unreachable");
}

/** Everything a user could set, read from the recording: addresses, link parameters, AARQ contents, invoke ids. */
export function clientSession(recorded: RecordedSecurity): Session {
  const client = clientOptions(recorded);
  return new Session({ role: "client", link: linkOf(recorded.opened), client });
}

function linkOf({ frames }: Conversation) {
  const first = frames[0]?.bytes as Uint8Array;
  if (!isHdlc(first)) {
    const { source, destination } = decodeWrapperPdu(first);
    return new WrapperLink({ role: "client", clientWPort: source, serverWPort: destination });
  }
  const { source, destination, information } = decodeHdlcFrame(first);
  return new HdlcLink({
    station: "primary",
    client: source,
    server: destination,
    ...(information === undefined ? { bareSnrm: true } : readOffer(information)),
  });
}

function clientOptions(recorded: RecordedSecurity): ClientOptions {
  const { opened: conversation } = recorded;
  const { apdus } = conversation;
  const sent = apdus.filter(({ direction }) => direction === "c2s");
  const recordedIds = sent.flatMap(({ bytes }) => openingInvoke(bytes));
  const ids = [...Array<number>(preludeRequests(conversation)).fill(0xc0), ...recordedIds];
  let next = 0;
  const opening = sent.find(({ bytes }) => bytes[0] === 0x60);
  const common = {
    highPriority: ((ids[0] ?? 0) & 0x80) !== 0,
    nextInvokeId: () => (ids[next++] ?? 0) & 0x0f,
  };
  if (opening === undefined) return { ...common, mechanism: "none" };
  const aarq = decodeAcse(opening.bytes) as Aarq;
  const security = recorded.options("c2s");
  const initiate = decodeApdu(aarq.userInformation as Uint8Array);
  const lls = recorded.mechanism === "lls";
  const unknown = recorded.mechanism === "hls-ecdsa";
  const firstGeneralBlock = sent.find(({ bytes }) => bytes[0] === 0xe0);
  const firstBlock = sent.find(({ bytes }) => bytes[0] === 0xc1 && bytes[1] === 2);
  return {
    ...common,
    mechanism: unknown ? "none" : recorded.mechanism,
    secret: lls ? new Secret(aarq.callingAuthenticationValue as Uint8Array) : recorded.secret,
    ...(security === undefined ? {} : { security }),
    // Under another key than the recording names the initiate stays closed.
    ...(initiate.type === "initiate-request"
      ? { conformance: initiate.conformance, maxReceivePdu: initiate.clientMaxReceivePduSize }
      : {}),
    ...(firstBlock === undefined
      ? {}
      : { maxSendPdu: firstBlock.bytes.length + (recorded.ciphered ? PROTECTION_OCTETS : 0) }),
    ...(firstGeneralBlock === undefined
      ? {}
      : { generalBlocks: { window: (firstGeneralBlock.bytes[1] as number) & 0x3f } }),
    shapeAarq: (ours) => unusual(ours, aarq, recorded.proves || lls),
  };
}

/** Elements our own AARQ does without: a system title nobody needs, mechanism 0 by name, a first pass of ECDSA. */
function unusual(ours: Aarq, recorded: Aarq, known: boolean): Aarq {
  const { callingApTitle, senderAcseRequirements, mechanism, callingAuthenticationValue } = recorded;
  return {
    ...ours,
    ...(callingApTitle === undefined ? {} : { callingApTitle }),
    ...(known
      ? {}
      : {
          ...(senderAcseRequirements === undefined ? {} : { senderAcseRequirements }),
          ...(mechanism === undefined ? {} : { mechanism }),
          ...(callingAuthenticationValue === undefined ? {} : { callingAuthenticationValue }),
        }),
  };
}

/** The invoke octet of an APDU that begins an exchange. */
function openingInvoke(bytes: Uint8Array): number[] {
  const [tag = 0, form = 0, invoke = 0, , access = 0] = bytes;
  if (tag === 0xd9) return [(form & 0x80) | (access & 0x0f)];
  const opens =
    (tag === 0xc0 && form !== 2) ||
    (tag === 0xc1 && form !== 3) ||
    (tag === 0xc3 && form !== 2 && form !== 6);
  return opens ? [invoke] : [];
}

/** N(S) of the first recorded frame: above 0 when the recording begins in the middle of an association. */
export function firstSequence({ frames }: Conversation): number {
  const first = frames[0]?.bytes as Uint8Array;
  if (!isHdlc(first)) return 0;
  const { control } = decodeHdlcFrame(first);
  return control.type === "I" ? control.sendSequence : 0;
}

function preludeRequests(conversation: Conversation): number {
  return Math.max(0, firstSequence(conversation) - 1);
}

/** Brings a client to where such a recording begins, against a server of our own: AARQ, then a request per number. */
export function prelude(client: Session, sequence: number): void {
  const station = { upper: 1, octets: 1 } as const;
  const server = new Session({
    role: "server",
    link: new HdlcLink({ station: "secondary", client: station, server: station, acceptAnyAddress: true }),
    server: { accept: [{ mechanism: "none" }] },
  });
  const exchange = (intent: SessionIntent): void => {
    client.send(0, intent);
    for (let chunk = client.pollTransmit(); chunk !== undefined; chunk = client.pollTransmit()) {
      server.receive(0, chunk);
      for (let event = server.pollEvent(); event !== undefined; event = server.pollEvent())
        if (event.type === "indication")
          server.send(0, {
            type: "respond",
            id: event.id,
            response: { type: "get", results: [{ type: "data", data: { type: "null-data" } }] },
          });
      for (let answer = server.pollTransmit(); answer !== undefined; answer = server.pollTransmit())
        client.receive(0, answer);
    }
    while (client.pollEvent() !== undefined);
  };
  exchange({ type: "associate" });
  const attribute = { classId: 1, instanceId: new Uint8Array(6), attributeId: 2 };
  for (let n = 1; n < sequence; n++)
    exchange({ type: "request", id: -n, request: { type: "get", items: [{ attribute }] } });
}
