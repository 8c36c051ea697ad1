/**
 * The wrapper as a data link: nothing to open, nothing to acknowledge. A client is connected as soon as it asks to
 * be, a server with the first PDU that reaches it. TCP itself (connecting, loss) is the transport's business; UDP is
 * left out.
 */
import { DlmsError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type Link, type LinkEvent, type LinkIntent, type LinkParameters, type Role } from "../core/link.js";
import { BoundedQueue } from "../core/queue.js";
import { type TraceSink } from "../core/trace.js";
import { WrapperDeframer } from "./deframer.js";
import { encodeWrapperPdu, MAX_APDU, type WrapperPdu } from "./pdu.js";

export interface WrapperLinkOptions {
  readonly role: Role;
  readonly clientWPort: number;
  readonly serverWPort: number;
  /** Server: takes both wPorts from whoever opens an association. Client: takes answers from any wPort. */
  readonly acceptAnyAddress?: boolean;
  readonly trace?: TraceSink;
}

/** Tags of what meters push; they may call another wPort than the one that asks. */
const PUSHED: ReadonlySet<number | undefined> = new Set([0x0f, 0xc2]);
/** Tags that a push may wear; at the asking wPort they may be answers. */
const PERHAPS_PUSHED: ReadonlySet<number | undefined> = new Set([0xdb, 0xdd, 0xdf, 0xe0]);

const AARQ = 0x60;

const parameters: LinkParameters = {
  maxInfoTransmit: MAX_APDU,
  maxInfoReceive: MAX_APDU,
  windowTransmit: 1,
  windowReceive: 1,
};

export class WrapperLink implements Link {
  readonly #options: WrapperLinkOptions;
  readonly #deframer = new WrapperDeframer();
  readonly #outbox = new BoundedQueue<Uint8Array>(limits.machineEvents, "PDUs");
  readonly #events = new BoundedQueue<LinkEvent>(limits.machineEvents, "events");
  #client: number;
  #server: number;
  #connected = false;

  constructor(options: WrapperLinkOptions) {
    this.#options = options;
    this.#client = checkWPort("clientWPort", options.clientWPort);
    this.#server = checkWPort("serverWPort", options.serverWPort);
  }

  receive(now: number, bytes: Uint8Array): void {
    for (const item of this.#deframer.push(bytes)) {
      if (item.type === "noise") this.#noise(item.bytes, item.reason);
      else {
        this.#options.trace?.({ at: now, direction: "in", layer: "wrapper", bytes: item.bytes });
        if (!this.#take(item.pdu, item.bytes)) return;
      }
    }
  }

  send(now: number, intent: LinkIntent): void {
    switch (intent.type) {
      case "connect":
        if (this.#connected) throw new DlmsError("LOCAL_PROTOCOL", "the wrapper link is connected already");
        return this.#connect();
      case "disconnect":
        this.#connected = false;
        this.#events.push({ type: "disconnected", reason: "requested" });
        return;
      case "reverse":
        // Each side keeps its wPort, so nothing in the PDUs changes.
        if (!this.#connected) throw new DlmsError("NOT_CONNECTED");
        return;
      case "expect":
        return;
      case "apdu":
        return this.#transmit(now, intent);
    }
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#outbox.shift();
  }

  pollEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }

  nextTimeout(): undefined {
    return undefined;
  }

  handleTimeout(): void {
    // The wrapper waits for nothing.
  }

  /** False when the link has ended over it. */
  #take(pdu: WrapperPdu, bytes: Uint8Array): boolean {
    const isServer = this.#options.role === "server";
    const [client, server] = isServer ? [pdu.source, pdu.destination] : [pdu.destination, pdu.source];
    const matches = client === this.#client && server === this.#server;
    const tag = pdu.apdu[0];
    const pushed = !isServer && (PUSHED.has(tag) || (!matches && PERHAPS_PUSHED.has(tag)));
    if (pdu.apdu.length === 0) this.#noise(bytes, "a PDU without an APDU");
    else if (!matches && !pushed && !this.#options.acceptAnyAddress)
      this.#noise(bytes, `from wPort ${pdu.source} to ${pdu.destination}`);
    else if (this.#events.length + 2 > limits.machineEvents) {
      this.#events.clear();
      this.#end(new DlmsError("LIMIT_EXCEEDED", "the peer sent more PDUs at once than are taken"));
      return false;
    } else {
      // Learnt anew with each association only: a push to another wPort must not misdirect a reverse link's requests.
      if (isServer && (!this.#connected || pdu.apdu[0] === AARQ)) {
        this.#client = client;
        this.#server = server;
      }
      if (isServer && !this.#connected) this.#connect();
      this.#events.push({ type: "apdu", bytes: pdu.apdu, unconfirmed: pushed, peer: { client, server } });
    }
    return true;
  }

  #connect(): void {
    this.#connected = true;
    this.#events.push({
      type: "connected",
      parameters,
      peer: { client: this.#client, server: this.#server },
    });
  }

  #end(error: DlmsError): void {
    this.#connected = false;
    this.#events.push({ type: "disconnected", reason: "protocol-error", error });
  }

  #transmit(now: number, intent: Extract<LinkIntent, { readonly type: "apdu" }>): void {
    const { bytes: apdu, unconfirmed = false, between } = intent;
    // A server may push before anybody has called it.
    if (!this.#connected && !unconfirmed) throw new DlmsError("NOT_CONNECTED");
    if (apdu.length === 0) throw usageError("FIELD_INVALID", "bytes", "an APDU is not empty");
    if (this.#outbox.length >= limits.linkQueueApdus)
      throw new DlmsError("LIMIT_EXCEEDED", `more than ${limits.linkQueueApdus} APDUs are waiting`);
    const isServer = this.#options.role === "server";
    const { client, server } = between ?? { client: this.#client, server: this.#server };
    const [source, destination] = isServer ? [server, client] : [client, server];
    const bytes = encodeWrapperPdu({ source, destination, apdu });
    this.#options.trace?.({ at: now, direction: "out", layer: "wrapper", bytes });
    this.#outbox.push(bytes);
  }

  /** Noise is for counters and traces: when nobody takes the events, it is the first to be left out. */
  #noise(bytes: Uint8Array, reason: string): void {
    if (this.#events.length < limits.machineEvents / 2) this.#events.push({ type: "noise", bytes, reason });
  }
}

function checkWPort(field: string, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff)
    throw usageError("FIELD_INVALID", field, "a wPort is an integer from 0 to 65535");
  return value;
}
