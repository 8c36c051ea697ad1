/**
 * General block transfer of one session (IEC 62056-5-3), both directions and roles: APDUs longer than the peer's PDU
 * leave in blocks, blocks come in and whole APDUs go up. Whoever asks drives the recovery: on silence it repeats its
 * last block, or its acknowledgement. Whoever answers repeats what it is asked for again. Notifications stream without
 * acknowledgement. Whether the blocks or the whole are protected is the session's choice.
 */
import { asDlmsError, DlmsError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { BoundedQueue } from "../core/queue.js";
import { type Apdu, encodeApdu } from "../xdlms/index.js";
import { rawCapacity } from "./block-transfer.js";
import { IncomingBlocks, LARGEST_WINDOW } from "./general-block-in.js";
import { type OutgoingBlock, OutgoingBlocks } from "./general-block-out.js";

export interface GeneralBlockOptions {
  /**
   * Blocks that we take before we acknowledge, 1 to 63. Default 1: what every peer can do, while a recorded one loses
   * step with more.
   */
  readonly window?: number;
  /** How often in a row silence is answered by asking again within one response timeout. Default 2. */
  readonly retries?: number;
  /**
   * In a ciphered association: the whole APDU is protected and then cut, or every block is protected. Both are
   * understood; whoever sends the first block of an exchange decides for both. Default whole.
   */
  readonly protect?: "whole" | "each";
}

export type GeneralBlock = Extract<Apdu, { readonly type: "general-block-transfer" }>;

export interface GeneralBlocksHost {
  /** Sends an APDU or a block. */
  transmit(now: number, bytes: Uint8Array, unconfirmed: boolean): void;
  /** Largest APDU for the peer; undefined when blocks must not be sent. */
  room(): number | undefined;
  /** What a block from the peer belongs to: our open request, a request of its own, or neither: a notification. */
  role(): "asking" | "answering" | "neither";
  /** How many APDUs are due before anything else of ours is. */
  expect(now: number, apdus: number): void;
  /** Something of a long exchange arrived. */
  progress(now: number): void;
  /** The longest silence of a peer, milliseconds. */
  patienceMs(): number;
  /** The transfer cannot go on: our request fails, or the peer's is refused. */
  broken(now: number, error: DlmsError): void;
  noise(bytes: Uint8Array, error: DlmsError): void;
}

const GENERAL_BLOCK_TRANSFER = 0xe0;
/** Tag, block control, two block numbers. */
const OVERHEAD = 6;
const DEFAULT_RETRIES = 2;
const nothing = new Uint8Array(0);

export class GeneralBlocks {
  readonly #host: GeneralBlocksHost;
  readonly #window: number;
  readonly #retries: number;
  readonly #waiting = new BoundedQueue<Uint8Array>(limits.linkQueueApdus, "APDUs");
  #out: OutgoingBlocks | undefined;
  readonly #maxOctets: number | undefined;
  #in: IncomingBlocks;
  #pushed: IncomingBlocks;
  /** Number of our last block in this exchange, acknowledgements counted. */
  #number = 0;
  /** Number of the peer's last block without data. */
  #peerNumber = 0;
  /** What it acknowledged then. */
  #peerHas = 0;
  #peerWindow = 1;
  /** The last block that we acknowledged. */
  #acknowledged = 0;
  /** Answering: the request came in blocks, whole by now; and our answer to it, when that was short. */
  #asked = false;
  #answer: Uint8Array | undefined;
  /** The peer has asked for the window under way once more. */
  #heardAgain = false;
  /** We have asked for what is missing in it. */
  #saidAgain = false;
  #tries = 0;
  /** Blocks of an exchange that was given up may still come. */
  #lingering = false;
  #deadline: number | undefined;

  /** @throws DlmsError FIELD_INVALID */
  constructor(
    options: GeneralBlockOptions & { readonly maxApduBytes?: number | undefined },
    host: GeneralBlocksHost,
  ) {
    const { window = 1, retries = DEFAULT_RETRIES, maxApduBytes } = options;
    if (!Number.isInteger(window) || window < 1 || window > LARGEST_WINDOW)
      throw usageError("FIELD_INVALID", "window", `an integer from 1 to ${LARGEST_WINDOW} is expected`);
    this.#host = host;
    this.#window = window;
    this.#retries = retries;
    this.#maxOctets = maxApduBytes;
    this.#in = new IncomingBlocks(maxApduBytes);
    this.#pushed = new IncomingBlocks(maxApduBytes);
  }

  get deadline(): number | undefined {
    return this.#deadline;
  }

  /** Sends an APDU, in blocks when it is too long. One at a time goes in blocks; what comes meanwhile waits. */
  send(now: number, apdu: Uint8Array, unconfirmed: boolean): void {
    if (unconfirmed) return this.#push(now, apdu);
    if (this.#host.role() !== "asking" && this.#out?.allSent === false) return this.#waiting.push(apdu);
    if (this.#host.role() === "asking") this.#reset();
    this.#out = undefined;
    const room = this.#host.room();
    if (room === undefined || apdu.length <= room) {
      this.#answer = this.#asked ? apdu : undefined;
      return this.#host.transmit(now, apdu, false);
    }
    this.#out = new OutgoingBlocks(apdu, rawCapacity(room, OVERHEAD), this.#number + 1);
    this.#sendWindow(now, this.#out);
  }

  /** A block of the peer; the whole APDU when it was the last one due. */
  receive(now: number, block: GeneralBlock, unconfirmed: boolean): Uint8Array | undefined {
    const role = unconfirmed ? "neither" : this.#host.role();
    try {
      return role === "neither" ? this.#takePushed(block) : this.#take(now, block, role);
    } catch (caught) {
      const error = asDlmsError(caught);
      if (role === "neither") this.#pushed = new IncomingBlocks(this.#maxOctets);
      else this.drop(true);
      if (role === "neither") this.#host.noise(block.blockData, error);
      else this.#host.broken(now, error);
      return undefined;
    }
  }

  /** The peer began another exchange, without blocks: what was under way is of no use to it. */
  overtaken(now: number): void {
    this.#reset();
    try {
      this.#next(now);
    } catch (caught) {
      this.#host.broken(now, asDlmsError(caught));
    }
  }

  /** Forgets the exchange under way. @param unfinished blocks of it may still come. */
  drop(unfinished: boolean): void {
    this.#lingering ||= unfinished && (this.#in.begun || this.#out !== undefined);
    this.#reset();
    this.#waiting.clear();
  }

  /** Something arrived that is no whole APDU yet. */
  progress(now: number): void {
    if (this.#deadline !== undefined) this.#watch(now);
  }

  handleTimeout(now: number): void {
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#deadline = undefined;
    this.#tries += 1;
    if (this.#host.role() !== "asking" || this.#tries > this.#retries) return;
    this.#heardAgain = this.#saidAgain = false;
    try {
      if (this.#out === undefined) return this.#acknowledge(now, "asking");
      this.#sendBlock(now, this.#out.probe());
      this.#expectOne(now);
    } catch (caught) {
      this.drop(true);
      this.#host.broken(now, asDlmsError(caught));
    }
  }

  #take(now: number, block: GeneralBlock, role: "asking" | "answering"): Uint8Array | undefined {
    const { blockNumber, blockData } = block;
    this.#host.progress(now);
    const endsEmpty = block.lastBlock && this.#in.begun && blockNumber === this.#in.received + 1;
    if (blockData.length === 0 && (!endsEmpty || this.#out !== undefined)) {
      if (block.window > 0) this.#peerWindow = block.window;
      const repeated = blockNumber === this.#peerNumber && block.blockNumberAck === this.#peerHas;
      this.#peerNumber = blockNumber;
      this.#peerHas = block.blockNumberAck;
      if (!repeated) this.#acknowledgedByPeer(now, block.blockNumberAck, role);
      return undefined;
    }
    if (role === "answering") {
      if (this.#asked && this.#isRepeated(block)) return this.#again(now, block);
      if (this.#asked || !this.#in.begun) this.#reset();
    }
    if (role === "asking" && this.#lingering && !this.#in.begun && !this.#mayBegin(blockNumber))
      return undefined;
    // A peer that has begun to say something has heard us out.
    this.#out = undefined;
    if (block.window > 0) this.#peerWindow = block.window;
    const arrival = this.#in.add(block, this.#peerNumber);
    if (arrival !== "last") {
      this.#answerBlock(now, block, arrival, role);
      return undefined;
    }
    const whole = this.#in.finish();
    this.#asked = role === "answering";
    this.#deadline = undefined;
    if (role === "asking") {
      this.#lingering = false;
      this.#begin();
      this.#host.expect(now, 0);
    }
    if (whole[0] === GENERAL_BLOCK_TRANSFER)
      throw new DlmsError("UNEXPECTED_APDU", "a general block transfer carries another one");
    return whole;
  }

  #answerBlock(
    now: number,
    { blockNumber, streaming }: GeneralBlock,
    arrival: "next" | "repeated" | "ahead",
    role: "asking" | "answering",
  ): void {
    if (role === "asking") this.#watch(now);
    if (arrival === "next") this.#tries = 0;
    const windowFull = arrival === "next" && blockNumber - this.#acknowledged >= this.#window;
    // Whoever asks also repeats itself by the clock: saying the same of every repetition would breed more of them.
    const mute = role === "asking" && (arrival === "repeated" || (arrival === "ahead" && this.#saidAgain));
    this.#saidAgain = arrival !== "next" && (this.#saidAgain || !streaming);
    if ((!streaming || windowFull) && !mute) return this.#acknowledge(now, role);
    this.#host.expect(now, 1);
  }

  #acknowledgedByPeer(now: number, blockNumber: number, role: "asking" | "answering"): void {
    const out = this.#out;
    if (out === undefined) return;
    const heard = out.acknowledge(blockNumber);
    if (heard === "old") return;
    if (heard === "again") {
      // Once for each window and each repetition by the clock; more are echoes, and would breed more of them.
      if (role === "asking" && this.#heardAgain) return;
      this.#heardAgain = true;
      return this.#sendWindow(now, out);
    }
    this.#tries = 0;
    this.#heardAgain = false;
    if (heard === "more") return this.#sendWindow(now, out);
    this.#out = undefined;
    this.#deadline = undefined;
    if (role === "asking") this.#host.expect(now, 1);
    else this.#next(now);
  }

  #mayBegin(blockNumber: number): boolean {
    return blockNumber === 1 || blockNumber === this.#peerNumber + 1;
  }

  /** Whether the peer says something of its last request once more: it waits for our answer. */
  #isRepeated(block: GeneralBlock): boolean {
    // The first of several blocks can only be a new request: nobody repeats it who knows that it arrived.
    return this.#in.has(block) && (block.blockNumber !== 1 || block.lastBlock);
  }

  #again(now: number, { streaming }: GeneralBlock): undefined {
    if (streaming) return;
    if (this.#out !== undefined) this.#sendWindow(now, this.#out);
    else if (this.#answer !== undefined) this.#host.transmit(now, this.#answer, false);
    else this.#acknowledge(now, "answering");
  }

  /** Blocks that nobody asked for: collected, not acknowledged. */
  #takePushed(block: GeneralBlock): Uint8Array | undefined {
    if (block.blockData.length === 0) return undefined;
    if (block.blockNumber === 1) this.#pushed = new IncomingBlocks(this.#maxOctets);
    const arrival = this.#pushed.add(block);
    if (arrival === "ahead")
      throw new DlmsError("BLOCK_SEQUENCE", "a block of a notification got lost", {
        detail: { blockNumber: block.blockNumber, expected: this.#pushed.received + 1 },
      });
    if (arrival !== "last") return undefined;
    const whole = this.#pushed.finish();
    this.#pushed = new IncomingBlocks(this.#maxOctets);
    return whole;
  }

  /** Streams without being acknowledged. */
  #push(now: number, apdu: Uint8Array): void {
    const room = this.#host.room();
    if (room === undefined || apdu.length <= room) return this.#host.transmit(now, apdu, true);
    const out = new OutgoingBlocks(apdu, rawCapacity(room, OVERHEAD));
    for (const block of out.window(Infinity)) this.#sendBlock(now, { ...block, streaming: true }, true);
  }

  #sendWindow(now: number, out: OutgoingBlocks): void {
    try {
      for (const block of out.window(Math.min(this.#peerWindow, limits.generalBlocksInFlight)))
        this.#sendBlock(now, block);
    } catch (caught) {
      // A link that can take no more for now: what it didn't take is lost, and asked for again.
      if (asDlmsError(caught).code !== "LIMIT_EXCEEDED") throw caught;
    }
    if (this.#host.role() === "asking") this.#expectOne(now);
  }

  #sendBlock(now: number, block: OutgoingBlock, unconfirmed = false): void {
    if (!unconfirmed) this.#number = Math.max(this.#number, block.blockNumber);
    const apdu = encodeApdu({
      type: "general-block-transfer",
      ...block,
      window: unconfirmed ? 0 : this.#window,
      blockNumberAck: unconfirmed ? 0 : this.#in.received,
    });
    this.#host.transmit(now, apdu, unconfirmed);
  }

  #acknowledge(now: number, role: "asking" | "answering"): void {
    this.#number += 1;
    this.#acknowledged = this.#in.received;
    const apdu = encodeApdu({
      type: "general-block-transfer",
      // Whoever asks has nothing more to say; the answer is still to come.
      lastBlock: role === "asking",
      streaming: false,
      window: this.#window,
      blockNumber: this.#number,
      blockNumberAck: this.#in.received,
      blockData: nothing,
    });
    this.#host.transmit(now, apdu, false);
    if (role === "asking") this.#expectOne(now);
  }

  #expectOne(now: number): void {
    this.#host.expect(now, 1);
    this.#watch(now);
  }

  #watch(now: number): void {
    this.#deadline = now + Math.ceil(this.#host.patienceMs() / (this.#retries + 1));
  }

  #next(now: number): void {
    const apdu = this.#waiting.shift();
    if (apdu !== undefined) this.send(now, apdu, false);
  }

  #reset(): void {
    this.#begin();
    this.#number = this.#tries = 0;
    this.#peerWindow = 1;
    this.#asked = this.#heardAgain = false;
    this.#out = this.#answer = this.#deadline = undefined;
  }

  /** The peer's next APDU counts from the beginning. */
  #begin(): void {
    this.#in = new IncomingBlocks(this.#maxOctets);
    this.#peerNumber = this.#peerHas = this.#acknowledged = 0;
    this.#saidAgain = false;
  }
}
