/**
 * The associations of one link, one after the other: probing, accepting the meter's own, opening the meter type's, and
 * listening in between. Who is to be asked for what is meter-link.ts.
 */
import { type Notification } from "../association/index.js";
import { type DlmsClient } from "../client/index.js";
import { asDlmsError, type DlmsError } from "../core/errors.js";
import { type Dialect } from "../meter-types/dialects/index.js";
import { type MeterType } from "../meter-types/meter-type.js";
import { type Clock } from "../transport/clock.js";
import { Association, type AssociationOutside } from "./association.js";
import { type Lifetime } from "./link-host.js";
import { type MeterChannel } from "./meter-channel.js";
import { type ResolvedOptions } from "./options.js";
import { claimFromNotification, pushedTitle, titleClaim } from "./notifications.js";
import { type FramingMemory, probe } from "./probe.js";
import { type Keyring, unaskedOptions } from "./security/keyring.js";
import { type Lookup } from "./security/lookup.js";
import { type OpenAs } from "./security/own-counter.js";
import { SecuredOpening } from "./security/secured-opening.js";
import { type LinkFraming } from "./sniff.js";

/** What decides how a link is spoken to; the values of the moment. */
export interface LinkFacts {
  readonly dialect: Dialect;
  readonly meterType: MeterType;
  readonly remoteAddress: string;
  /** Normalised; undefined until the link showed one. */
  readonly serial: string | undefined;
}

export class LinkAssociation {
  readonly #clock: Clock;
  readonly #options: ResolvedOptions;
  readonly #framings: FramingMemory;
  readonly #channel: MeterChannel;
  readonly #facts: () => LinkFacts;
  readonly #keyring: Keyring;
  readonly #refused: (error: DlmsError) => void;
  readonly #onNotification: (notification: Notification) => void;
  #current: Association | undefined;
  #stopListening: (() => void) | undefined;
  /** Facts that hold as long as the association. */
  memory = new Map<string, unknown>();
  framing: LinkFraming | undefined;
  /** When the serial number was last read inside this association; monotonic milliseconds. */
  verifiedAt: number | undefined;

  constructor(options: {
    readonly clock: Clock;
    readonly options: ResolvedOptions;
    readonly framings: FramingMemory;
    readonly channel: MeterChannel;
    readonly facts: () => LinkFacts;
    readonly keyring: Keyring;
    readonly onNotification: (notification: Notification) => void;
    /** A protected message could not be opened. */
    readonly onRefused: (error: DlmsError) => void;
  }) {
    this.#clock = options.clock;
    this.#options = options.options;
    this.#framings = options.framings;
    this.#channel = options.channel;
    this.#facts = options.facts;
    this.#keyring = options.keyring;
    this.#refused = options.onRefused;
    this.#onNotification = options.onNotification;
  }

  get current(): Association | undefined {
    return this.#current?.isOpen === true ? this.#current : undefined;
  }

  drop(): void {
    this.#current?.drop();
    this.#forget();
  }

  async release(): Promise<void> {
    await this.#current?.release();
    this.#forget();
  }

  /** Takes the meter's own SNRM or AARQ, which stand in the channel's backlog, then asks over that association. */
  async accept(framing: LinkFraming): Promise<Association> {
    this.framing = framing;
    return this.#adopt(
      await Association.accept({
        channel: this.#channel.lease(),
        clock: this.#clock,
        framing,
        meterType: this.#facts().meterType,
        outside: this.#outside(),
        initialBytes: this.#channel.takeBacklog(),
        timeoutMs: this.#options.identifyMs,
      }),
    );
  }

  /** Speaks first to a silent meter. @throws DlmsError IDENTIFY_TIMEOUT, or the meter's refusal. */
  async probe(signal: AbortSignal): Promise<Association> {
    const { meterType, remoteAddress } = this.#facts();
    this.#channel.takeBacklog();
    const { association, framing } = await probe({
      lease: () => this.#channel.lease(),
      clock: this.#clock,
      framings: this.#candidates(),
      meterType,
      credentials: () => this.#keyring.credentials(meterType, {}),
      outside: this.#outside(),
      timeoutMs: this.#options.times.probeTimeoutMs,
      signal,
    });
    this.framing = framing;
    this.#framings.remember(remoteAddress, framing);
    return this.#adopt(association);
  }

  /**
   * The meter type's association.
   * @param checkFirst asks the public client before the first secret is sent, where the meter type allows one; what it
   * throws ends the attempt.
   */
  async open(
    signal: AbortSignal,
    checkFirst: ((client: DlmsClient) => Promise<void>) | undefined,
  ): Promise<Association> {
    const { meterType, remoteAddress, serial } = this.#facts();
    const { clientSap, mechanism } = meterType.association;
    const query = serial === undefined ? {} : { meterSerialNumber: serial };
    const alternatives = await this.#keyring.credentials(meterType, query);
    signal.throwIfAborted();
    this.#listenNoMore();
    const candidates = this.#candidates();
    const opening = new SecuredOpening(this.#keyring, alternatives, meterType, serial ?? remoteAddress);
    let lost: unknown;
    for (const framing of candidates) {
      const open: OpenAs = (caller) =>
        Association.open({
          channel: this.#channel.lease(),
          clock: this.#clock,
          framing,
          settings: meterType.association,
          outside: this.#outside(),
          ...caller,
          ...(candidates.length === 1
            ? {}
            : { responseTimeoutMs: this.#options.times.probeTimeoutMs, retries: 0 }),
          signal,
        });
      try {
        const association = await opening.open(open, { clientSap, mechanism }, checkFirst);
        this.framing = framing;
        this.#framings.remember(remoteAddress, framing);
        return this.#adopt(association);
      } catch (caught) {
        lost = caught;
        if (asDlmsError(caught).family !== "TimeoutError") break;
      }
    }
    throw lost;
  }

  /** Hears notifications while there is no association. Sends nothing. */
  listen(onNotification = this.#onNotification): void {
    if (this.framing === undefined || this.#channel.isClosed || this.current !== undefined) return;
    this.#listenNoMore();
    this.#stopListening = Association.listen({
      channel: this.#channel.lease(),
      clock: this.#clock,
      framing: this.framing,
      settings: this.#facts().meterType.association,
      outside: this.#outside(),
      initialBytes: this.#channel.takeBacklog(),
      onNotification,
    });
  }

  /** The first notification within the time that a new link may be silent; undefined when none comes. */
  async firstNotification(life: Lifetime, signal: AbortSignal): Promise<Notification | undefined> {
    let first: Notification | undefined;
    const end = this.#clock.now() + this.#options.times.silenceMs;
    this.listen((notification) => {
      first ??= notification;
      this.#onNotification(notification);
    });
    while (first === undefined && this.#clock.now() < end) {
      await life.pause(20);
      signal.throwIfAborted();
    }
    return first;
  }

  /** The directory's word on who sends under a system title, what the push itself says, or the title as a name. */
  async pushedClaim(life: Lifetime, signal: AbortSignal, lookup: Lookup): Promise<string | undefined> {
    const { meterType } = this.#facts();
    const systemTitle = pushedTitle(this.#channel.backlog);
    const known = systemTitle && (await lookup.find({ systemTitle }));
    // One that nobody can open is not worth a wait.
    const isReadable =
      systemTitle === undefined || (await this.#keyring.byTitle(meterType, { systemTitle })) !== undefined;
    const notification = isReadable ? await this.firstNotification(life, signal) : undefined;
    return (
      known?.meterSerialNumber ??
      (notification && claimFromNotification(notification, meterType.serial)) ??
      (systemTitle && titleClaim(systemTitle))
    );
  }

  close(): void {
    this.drop();
    this.#listenNoMore();
  }

  #outside(): AssociationOutside {
    const { maxApduBytes, requestMs } = this.#options;
    const { meterType } = this.#facts();
    const settings = meterType.association.security;
    return {
      limits: { maxApduBytes, requestMs },
      counters: this.#keyring.counters,
      keys: (query) => this.#keyring.byTitle(meterType, query),
      unasked: settings === undefined ? {} : unaskedOptions(settings),
      refused: this.#refused,
      notified: this.#onNotification,
    };
  }

  #candidates(): readonly LinkFraming[] {
    const { dialect, meterType, remoteAddress } = this.#facts();
    return this.#framings.order(
      remoteAddress,
      this.#options.framing,
      this.framing,
      dialect.link.framing,
      meterType.association.framing,
    );
  }

  #adopt(association: Association): Association {
    this.#listenNoMore();
    this.#current = association;
    this.#forgetFacts();
    return association;
  }

  #listenNoMore(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #forget(): void {
    this.#current = undefined;
    this.#forgetFacts();
  }

  #forgetFacts(): void {
    this.memory = new Map();
    this.verifiedAt = undefined;
  }
}
