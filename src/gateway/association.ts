/**
 * One association over a dial-in link: session, driver and client put together, as client or (reverse link) as the
 * side that accepts the AARQ and asks afterwards. Requests keep the pause that the meter type asks for.
 */
import {
  type AcceptRule,
  type AssociationInfo,
  type Notification,
  type SecurityOptions,
  type SessionEvent,
  type SessionIntent,
  Session,
  type UnaskedOptions,
} from "../association/index.js";
import { DlmsClient } from "../client/index.js";
import { DlmsError } from "../core/errors.js";
import { type ListenerLimits } from "../core/limits.js";
import { type Port } from "../core/machine.js";
import { type Secret } from "../core/secret.js";
import { type AssociationSettings, type Mechanism, type MeterType } from "../meter-types/meter-type.js";
import { type KeyQuery, type MeterSecurity } from "../security/index.js";
import { type ByteChannel } from "../transport/channel.js";
import { type Clock } from "../transport/clock.js";
import { Driver } from "../transport/driver.js";
import { type CounterSource, provideOutside } from "../transport/outside.js";
import { clientLink, serverLink, serviceOptions } from "./dlms-link.js";
import { sessionSecurity } from "./security/keyring.js";
import { type LinkFraming } from "./sniff.js";

/** What sessions ask of the gateway, and what they tell it of messages that they could not open. */
export interface AssociationOutside {
  /** Bounds of one APDU and of one request. */
  readonly limits: Pick<ListenerLimits, "maxApduBytes" | "requestMs">;
  readonly counters: CounterSource | undefined;
  /** Keys by the system title that a meter shows. */
  readonly keys: (query: KeyQuery) => Promise<MeterSecurity | undefined>;
  /** For protected messages outside a ciphered association. */
  readonly unasked: UnaskedOptions;
  readonly refused: (error: DlmsError) => void;
  /** What the meter sends by itself, also while the association is being opened. */
  readonly notified: (notification: Notification) => void;
}

export interface OpenOptions {
  readonly channel: ByteChannel & { end(): void };
  readonly clock: Clock;
  readonly framing: LinkFraming;
  readonly settings: AssociationSettings;
  readonly clientSap: number;
  readonly mechanism: Mechanism;
  readonly secret?: Secret<Uint8Array>;
  readonly security?: SecurityOptions;
  readonly outside: AssociationOutside;
  /** Replaces the settings' time-out, for probes. */
  readonly responseTimeoutMs?: number;
  /** HDLC retransmissions; probes do without. */
  readonly retries?: number;
  /** Gives the attempt up at once. */
  readonly signal?: AbortSignal;
}

export class Association {
  readonly client: DlmsClient;
  readonly info: AssociationInfo;
  readonly #driver: Driver<SessionIntent, SessionEvent>;
  readonly #channel: ByteChannel & { end(): void };
  #isOpen = true;

  private constructor(
    client: DlmsClient,
    info: AssociationInfo,
    driver: Driver<SessionIntent, SessionEvent>,
    channel: ByteChannel & { end(): void },
  ) {
    this.client = client;
    this.info = info;
    this.#driver = driver;
    this.#channel = channel;
    client.onClosed(() => this.drop());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** As client: connects and associates. @throws DlmsError when the meter refuses or stays silent. */
  static async open(options: OpenOptions): Promise<Association> {
    const { channel, clock, settings } = options;
    const { maxApduBytes } = options.outside.limits;
    const responseTimeoutMs = options.responseTimeoutMs ?? settings.responseTimeoutMs;
    const session = new Session({
      role: "client",
      link: clientLink({ ...options, maxApduBytes }, responseTimeoutMs),
      client: {
        mechanism: options.mechanism,
        ...(options.secret === undefined ? {} : { secret: options.secret }),
        ...(options.security === undefined ? {} : { security: options.security }),
        ...serviceOptions(settings),
        ...options.outside.limits,
        responseTimeoutMs,
        releaseTimeoutMs: Math.min(3_000, responseTimeoutMs),
      },
      unasked: options.outside.unasked,
    });
    const driver = new Driver<SessionIntent, SessionEvent>(session, channel, clock, { onLost: abort });
    provide(driver, options.outside);
    const client = new DlmsClient(paced(driver, clock, settings.interRequestMs));
    client.onNotification(options.outside.notified);
    driver.start();
    const giveUp = (): void => closeClient(client);
    options.signal?.addEventListener("abort", giveUp);
    try {
      return new Association(client, await client.associate(), driver, channel);
    } catch (caught) {
      driver.detach();
      channel.end();
      throw caught;
    } finally {
      options.signal?.removeEventListener("abort", giveUp);
    }
  }

  /**
   * Listens only: notifications of a meter that nobody is associated with. Nothing is ever sent but their confirmation
   * where they ask for it.
   * @returns what ends it.
   */
  static listen(options: {
    readonly channel: ByteChannel & { end(): void };
    readonly clock: Clock;
    readonly framing: LinkFraming;
    readonly settings: AssociationSettings;
    readonly initialBytes: Uint8Array;
    readonly outside: AssociationOutside;
    readonly onNotification: (notification: Notification) => void;
  }): () => void {
    const { channel, clock, framing, settings, initialBytes, outside } = options;
    const link = clientLink(
      { framing, settings, clientSap: settings.publicClientSap, maxApduBytes: outside.limits.maxApduBytes },
      settings.responseTimeoutMs,
    );
    const session = new Session({
      role: "client",
      link,
      client: { mechanism: "none", ...outside.limits },
      unasked: outside.unasked,
    });
    const driver = new Driver<SessionIntent, SessionEvent>(session, channel, clock, { initialBytes });
    provide(driver, outside);
    driver.subscribe((event) => {
      if (event.type === "notification") options.onNotification(event.notification);
    });
    driver.start();
    return () => {
      driver.detach();
      channel.end();
    };
  }

  /**
   * As the side that the meter associates with: answers SNRM and AARQ, then swaps the roles of asking and answering.
   * @param initialBytes what the meter has sent already.
   * @throws DlmsError when no association comes about in `timeoutMs`.
   */
  static async accept(options: {
    readonly channel: ByteChannel & { end(): void };
    readonly clock: Clock;
    readonly framing: LinkFraming;
    readonly meterType: MeterType;
    readonly outside: AssociationOutside;
    readonly initialBytes: Uint8Array;
    readonly timeoutMs: number;
  }): Promise<Association> {
    const { channel, clock, framing, meterType, outside, initialBytes, timeoutMs } = options;
    const { association } = meterType;
    const session = new Session({
      role: "server",
      link: serverLink(framing, association, outside.limits.maxApduBytes),
      server: {
        accept: acceptRules(meterType),
        askKeys: association.security !== undefined,
        ...outside.limits,
        responseTimeoutMs: association.responseTimeoutMs,
      },
    });
    const driver = new Driver<SessionIntent, SessionEvent>(session, channel, clock, {
      initialBytes,
      onLost: abort,
    });
    provide(driver, outside);
    const associated = acceptedAssociation(driver, clock, timeoutMs);
    driver.start();
    let info: AssociationInfo;
    try {
      info = await associated;
    } catch (caught) {
      driver.detach();
      channel.end();
      throw caught;
    }
    const client = new DlmsClient(paced(driver, clock, association.interRequestMs), { association: info });
    client.onNotification(outside.notified);
    return new Association(client, info, driver, channel);
  }

  /** Orderly end; the link stays. Never throws: an end without an answer is an end too. */
  async release(): Promise<void> {
    if (!this.#isOpen) return;
    try {
      await this.client.release();
    } catch (caught) {
      // The peer's silence on a release changes nothing: the lease ends either way.
      if (!(caught instanceof DlmsError)) throw caught;
    } finally {
      this.drop();
    }
  }

  /** Ends at once, without a word to the meter. */
  drop(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeClient(this.client);
    this.#driver.detach();
    this.#channel.end();
  }
}

function abort(error: DlmsError): SessionIntent {
  return { type: "abort", error };
}

/** Answers what the session asks for, as long as it is driven. */
function provide(
  driver: Driver<SessionIntent, SessionEvent>,
  { counters, keys, refused }: AssociationOutside,
): void {
  const stop = provideOutside<SessionEvent>(driver, counters, (error) => driver.send(abort(error)), keys);
  driver.subscribe((event) => {
    if (event.type === "noise" && event.error !== undefined) refused(event.error);
  });
  void driver.closed.then(stop);
}

/** How a meter of this type may associate with us. Secrets that its key directory knows come once it shows its title. */
function acceptRules({ association, reverseMechanisms }: MeterType): AcceptRule[] {
  const { secret, security } = association;
  const ciphering = security === undefined ? {} : { security: sessionSecurity(security) };
  return reverseMechanisms.flatMap((mechanism): AcceptRule[] => {
    if (mechanism === "none") return [{ mechanism, ...ciphering }];
    if (secret === undefined && security === undefined) return [];
    return [{ mechanism, ...(secret === undefined ? {} : { secret }), ...ciphering }];
  });
}

/** Fails what is open. A link that is gone already has done so itself. */
function closeClient(client: DlmsClient): void {
  try {
    client.close();
  } catch (caught) {
    if (!(caught instanceof DlmsError)) throw caught;
  }
}

/** Waits for the meter's AARQ to be accepted, then reverses; resolves when the reversal is done. */
function acceptedAssociation(
  driver: Driver<SessionIntent, SessionEvent>,
  clock: Clock,
  timeoutMs: number,
): Promise<AssociationInfo> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      unsubscribe();
      cancel();
      act();
    };
    const unsubscribe = driver.subscribe((event) => {
      if (event.type === "associated" && !event.info.reversed) driver.send({ type: "reverse" });
      else if (event.type === "associated") finish(() => resolve(event.info));
      else if (event.type === "closed" || event.type === "failed")
        finish(() =>
          reject(event.error ?? new DlmsError("LINK_LOST", "the meter ended the link it had opened")),
        );
    });
    const cancel = clock.at(clock.now() + timeoutMs, () =>
      finish(() =>
        reject(new DlmsError("IDENTIFY_TIMEOUT", "the meter began an association and did not finish it")),
      ),
    );
  });
}

/** Holds every request back until `gapMs` have passed since the last answer. */
function paced<Event extends { readonly type: string }>(
  port: Port<SessionIntent, Event>,
  clock: Clock,
  gapMs: number,
): Port<SessionIntent, Event> {
  if (gapMs <= 0) return port;
  let freeAt = 0;
  return {
    send: (intent) => {
      const now = clock.now();
      if (intent.type !== "request" || now >= freeAt) port.send(intent);
      else
        clock.at(freeAt, () => {
          try {
            port.send(intent);
          } catch (caught) {
            // The link ended during the pause; the client has failed the request already.
            if (!(caught instanceof DlmsError)) throw caught;
          }
        });
    },
    subscribe: (listener) =>
      port.subscribe((event) => {
        if (event.type === "response" || event.type === "failed") freeAt = clock.now() + gapMs;
        listener(event);
      }),
  };
}
