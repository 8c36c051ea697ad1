/**
 * One dial-in connection from accept to end: hears how the meter came in, learns its serial number, waits to become
 * that meter's live link, associates, and is then at the dispatcher's service. Phases only move forward; a login of
 * another dialect begins anew. Identity rules are in identify.ts, frames of associations in association.ts.
 */
import { type DlmsClient } from "../client/index.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { dialectByName, type Dialect, silent } from "../meter-types/dialects/index.js";
import { type MeterType } from "../meter-types/meter-type.js";
import { type ByteChannel } from "../transport/channel.js";
import { type Association } from "./association.js";
import { IdleWatch } from "./idle-watch.js";
import { checkPublicSerial, readIdentity, verifyInside } from "./identify.js";
import { chooseMeterType, normaliseSerial } from "./identity.js";
import { LinkAssociation } from "./link-association.js";
import { Lifetime, type LinkHost } from "./link-host.js";
import { MeterChannel } from "./meter-channel.js";
import { FirstWords, type Login, type Opening } from "./opening.js";
import { Lookup } from "./security/lookup.js";
import { type LinkFraming } from "./sniff.js";
import { Turn } from "./turn.js";

/** How long a serial number that was read inside an association vouches for it. */
const VERIFIED_FOR_MS = 60_000;

export class MeterLink {
  readonly id: string;
  readonly remoteAddress: string;
  readonly #host: LinkHost;
  readonly #channel: MeterChannel;
  readonly #firstWords: FirstWords;
  readonly #idle: IdleWatch;
  readonly #turn = new Turn();
  readonly #life: Lifetime;
  /** Ends the identification that runs, because a login arrived. */
  #attempt = new AbortController();
  #phase: "opening" | "identifying" | "claiming" | "ready" | "ended" = "opening";
  #login: Login | undefined;
  readonly #association: LinkAssociation;
  #isReversed = false;
  readonly #lookup: Lookup;
  #publicChecked = false;
  dialect: Dialect = silent;
  meterType: MeterType;
  generation = 0;
  serial: string | undefined;
  deviceName: string | undefined;
  lastHeard: number;

  constructor(id: string, channel: ByteChannel, host: LinkHost) {
    this.id = id;
    this.remoteAddress = channel.remoteAddress ?? "";
    this.#host = host;
    const { clock, options } = host;
    this.meterType = options.defaultMeterType;
    this.lastHeard = clock.now();
    this.#life = new Lifetime(clock);
    this.#firstWords = new FirstWords(clock, options.times.silenceMs);
    this.#channel = new MeterChannel(channel, clock, options, {
      activity: () => {
        this.lastHeard = clock.now();
        this.#idle.heard();
      },
      traffic: (direction, bytes, login) => host.traffic(this, direction, bytes, login?.name),
      login: (login) => this.#onLogin(login),
      backlog: () => {
        if (this.#phase === "opening") this.#firstWords.bytes(this.#channel.backlog);
        else if (this.#phase === "ready") this.#association.listen();
        else this.#channel.takeBacklog();
      },
      exceeded: (error) => this.#failed(error),
      closed: (error) => this.end(error === undefined ? "the meter hung up" : error.message),
    });
    this.#lookup = new Lookup(host.keyring, (text) => host.log("warn", text, this));
    this.#association = new LinkAssociation({
      clock,
      options,
      framings: host.framings,
      channel: this.#channel,
      facts: () => this,
      keyring: host.keyring,
      onNotification: (notification) => host.notified(this, notification),
      onRefused: (error) => host.log("warn", `a message was not opened: ${error.message}`, this),
    });
    this.#idle = new IdleWatch(clock, options.times, () => {
      // A parked link waits for another's end: nothing of its own is under way.
      if (this.#turn.isBusy && this.#phase !== "claiming") return "busy";
      this.end("nothing was heard for too long", true);
      return "ended";
    });
    this.#life.after(options.identifyMs, () => {
      if (this.#phase === "opening" || this.#phase === "identifying")
        this.end("no serial number in time", true);
    });
  }

  get isEnded(): boolean {
    return this.#phase === "ended";
  }

  get isAssociated(): boolean {
    return this.#association.current !== undefined;
  }

  /** The meter opened the association itself: a reverse link. */
  get isReversed(): boolean {
    return this.#isReversed;
  }

  /** The associations themselves, for who has the link's turn. */
  get associations(): LinkAssociation {
    return this.#association;
  }

  /** @throws DlmsError NOT_ASSOCIATED between associations. */
  get client(): DlmsClient {
    const { current } = this.#association;
    if (current === undefined) throw new DlmsError(this.isEnded ? "LINK_LOST" : "NOT_ASSOCIATED");
    return current.client;
  }

  get octetsSent(): number {
    return this.#channel.octetsSent;
  }

  /** Every failure ends the link. */
  start(): void {
    this.#channel.start();
    this.#firstWords.heard
      .then((opening) => this.use(() => this.#come(opening)))
      .catch((caught: unknown) => this.#failed(caught));
  }

  get isBusy(): boolean {
    return this.#turn.isBusy;
  }

  /** Runs `task` when nothing else uses the link. */
  use<T>(task: () => Promise<T>, isCommand = false): Promise<T> {
    return this.#turn.run(task, isCommand);
  }

  /** From within a command: others go first. The link may have ended or be another meter's afterwards. */
  pause(meanwhile: () => Promise<void>): Promise<void> {
    return this.#turn.pause(meanwhile);
  }

  /**
   * The association to send requests over, opened when there is none.
   * @param first a command waits for it: not behind those who only came in.
   */
  async associated(first: boolean): Promise<Association> {
    if (this.#association.current !== undefined) return this.#association.current;
    this.#mustLive();
    if (this.#isReversed) {
      const error = new DlmsError("NOT_ASSOCIATED", "The association that the meter opened has ended.");
      this.end(error.message, true);
      throw error;
    }
    return this.#host.gate.run(
      () => this.#associate(),
      first,
      () => this.#mustLive(),
    );
  }

  /** A fresh association after one that went silent. A link that does not answer this either is ended. */
  async recover(): Promise<void> {
    this.dropAssociation();
    try {
      await this.associated(true);
    } catch (caught) {
      const error = asDlmsError(caught);
      if (error.family === "TimeoutError") this.end("the meter stopped answering", true);
      throw error;
    }
  }

  get memory(): Map<string, unknown> {
    return this.#association.memory;
  }

  dropAssociation(): void {
    this.#association.drop();
  }

  /**
   * Before a command that changes state: the serial number read inside this association must be the one the link
   * claims. Read again after a minute's pause, which also shows whether the association still stands.
   */
  async verify(): Promise<void> {
    const now = (): number => this.#host.clock.now();
    const { verifiedAt } = this.#association;
    if (verifiedAt !== undefined && now() - verifiedAt < VERIFIED_FOR_MS) return;
    await verifyInside((await this.associated(true)).client, this);
    this.#association.verifiedAt = now();
  }

  /** @throws DlmsError LINK_LOST when the link ends meanwhile. */
  sleep(ms: number): Promise<void> {
    return this.#life.pause(ms);
  }

  /** @param atOnce drops what is still to be sent. */
  end(why: DlmsError | string, atOnce = false): void {
    if (this.#phase === "ended") return;
    this.#phase = "ended";
    this.#idle.stop();
    this.#attempt.abort();
    this.#association.close();
    this.#life.end();
    this.#firstWords.ended(new DlmsError("LINK_LOST", typeof why === "string" ? why : why.message));
    if (atOnce) this.#channel.destroy();
    else this.#channel.close();
    this.#host.ended(this, why);
  }

  async #come(opening: Opening, again = false): Promise<void> {
    this.#mustLive();
    this.#phase = "identifying";
    if (!again) this.#host.tell("connected", this);
    const { signal } = this.#attempt;
    try {
      if (opening.way === "login") await this.#byLogin(opening.login, again);
      else if (opening.way === "request") await this.#byRequest(opening.framing);
      else if (opening.way === "push") await this.#byPush(opening.framing, signal);
      else await this.#byProbe(opening.framing, signal);
    } catch (caught) {
      // A login that came after our own first words wins, and so does the next one after it.
      if (!this.#attempt.signal.aborted || this.isEnded || this.#login === undefined) throw caught;
      await this.#come({ way: "login", login: this.#login }, true);
    }
  }

  async #byLogin(login: Login, afterProbe: boolean): Promise<void> {
    this.#attempt = new AbortController();
    this.#login = undefined;
    this.dialect = login.dialect;
    this.#idle.expect(login.dialect.link.heartbeatMs);
    this.dropAssociation();
    const wait = Math.max(login.dialect.link.delayMs, afterProbe ? this.#host.options.times.settleMs : 0);
    // What still comes in answer to a probe belongs to nobody; a push does.
    const { framing } = login.dialect.link;
    this.#association.framing = framing === "auto" ? undefined : framing;
    this.#association.listen();
    if (login.id === undefined) {
      await this.#life.pause(wait);
      return this.#byProbe(undefined, this.#attempt.signal);
    }
    await this.#known(login.id);
    const serial = normaliseSerial(login.id, this.meterType.serial.stripZerosTo);
    await this.#claim(serial);
    await this.#life.pause(wait);
    this.#channel.takeBacklog();
    await this.#settle();
  }

  async #byRequest(framing: LinkFraming): Promise<void> {
    this.dialect = dialectByName("meter-initiated") ?? silent;
    this.#chooseType();
    const association = await this.#association.accept(framing);
    this.#isReversed = true;
    await this.#claim(await this.#readIdentity(association));
    this.#host.tell("associated", this);
    this.#phase = "ready";
  }

  async #byPush(framing: LinkFraming, signal: AbortSignal): Promise<void> {
    this.#association.framing = framing;
    this.dialect = dialectByName("push") ?? silent;
    this.#chooseType();
    const claim = await this.#association.pushedClaim(this.#life, signal, this.#lookup);
    if (claim === undefined) return this.#byProbe(framing, signal);
    await this.#known(claim);
    await this.#claim(normaliseSerial(claim, this.meterType.serial.stripZerosTo));
    await this.#settle();
  }

  async #byProbe(hint: LinkFraming | undefined, signal: AbortSignal): Promise<void> {
    if (hint !== undefined) this.#association.framing = hint;
    this.#chooseType();
    const association = await this.#host.probes.run(
      () => this.#association.probe(signal),
      false,
      () => this.#mustLive(),
    );
    if (this.dialect.name === silent.name)
      this.dialect = dialectByName(`plain-${this.#association.framing ?? "wrapper"}`) ?? silent;
    const serial = await this.#readIdentity(association);
    signal.throwIfAborted();
    const { clientSap, mechanism } = this.meterType.association;
    this.#publicChecked = true;
    await this.#claim(serial);
    const { info } = association;
    if (info.clientSap === clientSap && info.mechanism === mechanism) this.#host.tell("associated", this);
    else await this.#association.release();
    await this.#settle();
  }

  /** Serial number and device name over an open association; the meter type is chosen anew with each. */
  async #readIdentity(association: Association): Promise<string> {
    const serial = await readIdentity(association.client, (evidence) => {
      this.deviceName = evidence.deviceName ?? this.deviceName;
      this.#chooseType(evidence.serial);
      return this.meterType.serial;
    });
    await this.#known(serial);
    return serial;
  }

  async #claim(serial: string): Promise<void> {
    this.#mustLive();
    this.serial = serial;
    this.#phase = "claiming";
    await this.#host.claim(this, serial);
    this.#mustLive();
  }

  /** Ready for commands; associates right away, though a meter that refuses stays connected. */
  async #settle(): Promise<void> {
    this.#phase = "ready";
    try {
      await this.associated(false);
    } catch (caught) {
      const error = asDlmsError(caught);
      if (this.isEnded) return;
      if (error.code === "IDENTITY_MISMATCH") return this.end(error, true);
      this.#host.failed(this, "associate", error);
      this.#host.log("warn", `no association: ${error.message}`, this);
      this.#association.listen();
    }
  }

  async #associate(): Promise<Association> {
    if (this.#association.current !== undefined) return this.#association.current;
    const { readSerialPublicly, mechanism } = this.meterType.association;
    const checkFirst =
      readSerialPublicly && mechanism !== "none" && !this.#publicChecked
        ? async (client: DlmsClient) => {
            await checkPublicSerial(client, this);
            this.#publicChecked = true;
          }
        : undefined;
    const association = await this.#association.open(this.#life.signal, checkFirst);
    this.#host.tell("associated", this);
    return association;
  }

  #onLogin(login: Login): void {
    if (this.isEnded) return;
    const reply = login.dialect.reply?.(login.values, login.frame);
    if (reply) this.#channel.write(reply, login.dialect);
    this.#idle.heartbeat();
    if (this.#phase === "opening") return this.#firstWords.login(login);
    if (login.dialect.name === this.dialect.name && this.#login === undefined) {
      const { id } = login;
      const serial = id && normaliseSerial(id, this.meterType.serial.stripZerosTo);
      if (serial !== undefined && this.serial !== undefined && serial !== this.serial)
        this.end(new DlmsError("IDENTITY_CHANGED"), true);
      return;
    }
    // What is under way was meant for the meter that this link said it is.
    if (this.#turn.isCommand) return this.end(new DlmsError("IDENTITY_CHANGED"), true);
    this.#login = login;
    if (this.#phase === "identifying") return this.#attempt.abort();
    // The meter was known by what a probe read; its own login says better how to speak to it.
    this.use(() => {
      this.#host.unclaim(this);
      return this.#come({ way: "login", login }, true);
    }).catch((caught: unknown) => this.#failed(caught));
  }

  /** The key directory may know of which type the meter is. */
  async #known(serial: string): Promise<void> {
    this.#chooseType(serial);
    const meterSerialNumber = normaliseSerial(serial, this.meterType.serial.stripZerosTo);
    await this.#lookup.find({ meterSerialNumber });
    this.#chooseType(serial);
  }

  #chooseType(serial?: string): void {
    const { deviceName, dialect, remoteAddress } = this;
    const known = { deviceName, dialect, remoteAddress, typeName: this.#lookup.typeName };
    this.meterType = chooseMeterType({ ...known, serial: serial ?? this.serial }, this.#host.options);
  }

  #failed(caught: unknown): void {
    if (this.isEnded) return;
    const error = asDlmsError(caught);
    this.#host.failed(this, "link", error);
    this.#host.log("warn", error.message, this);
    this.end(error.family === "SecurityError" ? error : error.message, true);
  }

  #mustLive(): void {
    if (this.isEnded) throw new DlmsError("LINK_LOST");
  }
}
