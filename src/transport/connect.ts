/**
 * One meter from a script: TCP, link, session and association in one call. What dials in by itself is the gateway's
 * business; serial lines and TLS are left out.
 */
import {
  type BehindGateway,
  type ClientOptions,
  DEFAULT_RESPONSE_TIMEOUT_MS,
  GatewayLink,
  type Mechanism,
  Session,
  type SessionEvent,
  type SessionIntent,
} from "../association/index.js";
import { fromLatin1 } from "../bytes/hex.js";
import { DlmsClient, type DlmsClientOptions } from "../client/index.js";
import { type Link } from "../core/link.js";
import { Secret } from "../core/secret.js";
import { type TraceSink } from "../core/trace.js";
import { HdlcLink } from "../hdlc/index.js";
import { WrapperLink } from "../wrapper/index.js";
import { type ByteChannel } from "./channel.js";
import { type Clock, systemClock } from "./clock.js";
import { type ConnectSecurity, securityOptions } from "./connect-security.js";
import { Driver } from "./driver.js";
import { provideOutside } from "./outside.js";
import { connectTcp } from "./tcp.js";

export interface ConnectMeterOptions extends Pick<
  ClientOptions,
  | "conformance"
  | "maxReceivePdu"
  | "maxSendPdu"
  | "responseTimeoutMs"
  | "highPriority"
  | "releaseRequest"
  | "shortNames"
  | "blockTransfer"
  | "generalBlocks"
> {
  readonly host: string;
  /** Default 4059, the port assigned to DLMS/COSEM. */
  readonly port?: number;
  /** Default `wrapper`. */
  readonly framing?: "hdlc" | "wrapper";
  /** The client: 1 management, 16 public (default). */
  readonly clientSap?: number;
  /** The logical device. Default 1. */
  readonly serverSap?: number;
  /** The meter stands behind a concentrator, which is the one that is called: how it knows the meter. */
  readonly behind?: BehindGateway;
  /** HDLC: the physical device, where the server address has two parts. */
  readonly serverLower?: number;
  /** HDLC: octets of the server address. Default 1, or 2 with `serverLower`. */
  readonly serverAddressOctets?: 1 | 2 | 4;
  /**
   * The password of low level security, or the secret of mechanisms hls, hls-md5, hls-sha1 and hls-sha256. Text is
   * taken as Latin-1.
   */
  readonly password?: string | Uint8Array | Secret<Uint8Array>;
  /** How client and meter prove themselves. Default: `lls` with a password, `none` without. */
  readonly authentication?: Mechanism;
  /** Keys, titles and counters, for ciphering and for hls-gmac, hls-sha256 and hls-ecdsa. */
  readonly security?: ConnectSecurity;
  readonly connectTimeoutMs?: number;
  readonly client?: DlmsClientOptions;
  readonly trace?: TraceSink;
}

/**
 * Connects and associates. The connection ends with `release()`, `close()`, or when the meter ends it.
 * @throws DlmsError CONNECT_FAILED, CONNECT_TIMEOUT, AUTHENTICATION_FAILED, RESPONSE_TIMEOUT, …; of security
 *   SECURITY_REFUSED, SECURITY_ANSWER, SECURITY_TITLE, SECURITY_KEY_MISSING, …; FIELD_INVALID before anything is sent
 */
export async function connectMeter(options: ConnectMeterOptions): Promise<DlmsClient> {
  const { host, port = 4059, connectTimeoutMs } = options;
  // What is configured wrongly is said before anybody is called.
  clientOptions(options);
  const channel = await connectTcp({
    host,
    port,
    ...(connectTimeoutMs === undefined ? {} : { timeoutMs: connectTimeoutMs }),
  });
  return associateOver(channel, options, systemClock);
}

/** The same on a channel that is open already. */
export async function associateOver(
  channel: ByteChannel,
  options: Omit<ConnectMeterOptions, "host" | "port" | "connectTimeoutMs">,
  clock: Clock,
): Promise<DlmsClient> {
  const { trace } = options;
  const session = new Session({
    role: "client",
    link:
      options.behind === undefined
        ? makeLink(options)
        : new GatewayLink(makeLink(options), "client", options.behind),
    client: clientOptions(options),
    ...(trace === undefined ? {} : { trace }),
  });
  const driver = new Driver<SessionIntent, SessionEvent>(session, channel, clock, {
    onLost: (error) => ({ type: "abort", error }),
    ...(trace === undefined ? {} : { trace }),
  });
  const client = new DlmsClient(driver, options.client);
  driver.subscribe(({ type }) => {
    if (type !== "released" && type !== "closed") return;
    driver.detach();
    channel.close();
  });
  const stopProviding = provideOutside<SessionEvent>(driver, options.security?.counters, (error) =>
    driver.send({ type: "abort", error }),
  );
  void driver.closed.then(stopProviding);
  driver.start();
  try {
    await client.associate();
  } catch (caught) {
    client.close();
    throw caught;
  }
  return client;
}

type LinkOptions = Omit<ConnectMeterOptions, "host" | "port">;

/** How often HDLC says a frame again within the response timeout. */
const REPETITIONS = 2;

function makeLink({ framing = "wrapper", clientSap = 16, serverSap = 1, ...options }: LinkOptions): Link {
  const { trace, responseTimeoutMs = DEFAULT_RESPONSE_TIMEOUT_MS } = options;
  const traced = trace === undefined ? {} : { trace };
  if (framing === "wrapper")
    return new WrapperLink({ role: "client", clientWPort: clientSap, serverWPort: serverSap, ...traced });
  const { serverLower: lower, serverAddressOctets: octets = lower === undefined ? 1 : 2 } = options;
  return new HdlcLink({
    station: "primary",
    client: { upper: clientSap, octets: 1 },
    server: { upper: serverSap, octets, ...(lower === undefined ? {} : { lower }) },
    // The last repetition still has its share of the time that a request may take.
    responseTimeoutMs: Math.ceil(responseTimeoutMs / (REPETITIONS + 1)),
    retries: REPETITIONS,
    ...traced,
  });
}

function clientOptions(options: LinkOptions): ClientOptions {
  const {
    password,
    authentication = password === undefined ? "none" : "lls",
    conformance,
    maxReceivePdu,
    maxSendPdu,
    responseTimeoutMs,
    highPriority,
    releaseRequest,
    shortNames,
    blockTransfer,
    generalBlocks,
  } = options;
  return {
    mechanism: authentication,
    ...(password === undefined ? {} : { secret: asSecret(password) }),
    ...securityOptions(authentication, options.security),
    ...(conformance === undefined ? {} : { conformance }),
    ...(maxReceivePdu === undefined ? {} : { maxReceivePdu }),
    ...(maxSendPdu === undefined ? {} : { maxSendPdu }),
    ...(responseTimeoutMs === undefined ? {} : { responseTimeoutMs }),
    ...(highPriority === undefined ? {} : { highPriority }),
    ...(releaseRequest === undefined ? {} : { releaseRequest }),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(blockTransfer === undefined ? {} : { blockTransfer }),
    ...(generalBlocks === undefined ? {} : { generalBlocks }),
  };
}

function asSecret(password: string | Uint8Array | Secret<Uint8Array>): Secret<Uint8Array> {
  if (password instanceof Secret) return password;
  return new Secret(typeof password === "string" ? fromLatin1(password, "password") : password);
}
