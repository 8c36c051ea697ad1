/**
 * What a connection goes through before it is a channel: how many there are and how fast they come, who may connect,
 * whose connection a load balancer carries, TLS. Whoever fails is closed at once and costs nothing more. Handshakes are
 * bounded in time, and the oldest of them make room first when the port is full.
 */
import { type Socket } from "node:net";
import { concatBytes } from "../bytes/hex.js";
import { listenerLimits } from "../core/limits.js";
import { Rate } from "../core/rate.js";
import { AccessList, type AccessLists, AddressSet, peerKey } from "./access-list.js";
import { type ByteChannel } from "./channel.js";
import { type Clock, systemClock } from "./clock.js";
import { type ProxySource, readProxyHeader } from "./proxy-header.js";
import { type ServerTls, TlsHandshakes } from "./server-tls.js";
import { TcpChannel } from "./tcp-channel.js";

/** `links`: too many; `address-links`: too many of this address; `rate`: too fast; `list`: not let in. */
export const refusalReasons = [
  "links",
  "address-links",
  "rate",
  "list",
  "proxy",
  "tls",
  "handshake",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export interface Refusal {
  readonly reason: RefusalReason;
  readonly remoteAddress: string | undefined;
  /** What was wrong, where there is more to say. */
  readonly detail?: string;
}

export interface ReceptionOptions {
  readonly onChannel: (channel: ByteChannel) => void;
  /** A dial-in that was refused already. */
  readonly onRefused?: (refusal: Refusal) => void;
  /** The port is full: ends a channel that may go. @returns whether there was one. */
  readonly makeRoom?: () => boolean;
  readonly maxLinks?: number;
  readonly maxLinksPerAddress?: number;
  readonly acceptsPerSecond?: number;
  readonly handshakeMs?: number;
  readonly access?: AccessLists;
  /** Load balancers: what comes from these addresses begins with a PROXY header, what comes from others never does. */
  readonly proxies?: readonly string[];
  readonly tls?: ServerTls;
  readonly keepAliveMs?: number;
  readonly clock?: Clock;
}

/** Lists and certificate, before a port is opened. @throws DlmsError FIELD_INVALID, TLS_UNUSABLE */
export function checkReception(options: Pick<ReceptionOptions, "access" | "proxies" | "tls">): void {
  const { access, proxies, tls } = options;
  void new Reception({
    ...(access && { access }),
    ...(proxies && { proxies }),
    ...(tls && { tls }),
    onChannel: unused,
  });
}

const unused = (): void => undefined;
/** So much of a second's dial-ins may come at once. */
const BURST_SECONDS = 10;

export class Reception {
  readonly #options: ReceptionOptions;
  readonly #clock: Clock;
  readonly #access: AccessList;
  readonly #proxies: AddressSet;
  readonly #tls: TlsHandshakes | undefined;
  readonly #rate: Rate;
  readonly #maxLinks: number;
  readonly #maxPerAddress: number;
  readonly #sockets = new Set<Socket>();
  /** Sockets that are no channel yet, the oldest first, with what ends their time. */
  readonly #arriving = new Map<Socket, () => void>();
  /** Each is told of once. */
  readonly #refused = new WeakSet<Socket>();
  readonly #perAddress = new Map<string, number>();

  /** @throws DlmsError FIELD_INVALID, TLS_UNUSABLE. */
  constructor(options: ReceptionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#access = new AccessList(options.access ?? {});
    this.#proxies = new AddressSet(options.proxies ?? [], "proxies");
    this.#tls = options.tls && new TlsHandshakes(options.tls);
    const { acceptsPerSecond = listenerLimits.acceptsPerSecond.value } = options;
    this.#rate = new Rate(acceptsPerSecond, BURST_SECONDS * acceptsPerSecond);
    this.#maxLinks = options.maxLinks ?? listenerLimits.maxLinks.value;
    this.#maxPerAddress = options.maxLinksPerAddress ?? listenerLimits.maxLinksPerAddress.value;
  }

  /** Open sockets, those that are no channel yet counted. */
  get links(): number {
    return this.#sockets.size;
  }

  receive(socket: Socket): void {
    // Until it is a channel its error, if any, is of no interest: the end that follows is.
    socket.on("error", () => socket.destroy());
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) return void socket.destroy();
    const peer = { address: remoteAddress, port: remotePort };
    if (!this.#rate.take(this.#clock.now())) return this.#refuse(socket, "rate", peer);
    const isProxied = this.#proxies.has(remoteAddress);
    if (!isProxied && !this.#admit(socket, peer)) return;
    if (this.#sockets.size >= this.#maxLinks && !this.#makeRoom()) return this.#refuse(socket, "links", peer);
    this.#sockets.add(socket);
    socket.once("close", () => this.#gone(socket));
    if (!isProxied && this.#tls === undefined) return this.#open(socket);
    this.#arriving.set(socket, this.#deadline(socket, peer));
    if (isProxied) this.#readHeader(socket, peer);
    else this.#secure(socket, peer);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** By the lists and the count of its address; counts it. */
  #admit(socket: Socket, peer: ProxySource): boolean {
    const refused = !this.#access.admits(peer.address)
      ? "list"
      : this.#isCrowded(peer)
        ? "address-links"
        : undefined;
    if (refused !== undefined) {
      this.#refuse(socket, refused, peer);
      return false;
    }
    const key = peerKey(peer.address);
    this.#perAddress.set(key, (this.#perAddress.get(key) ?? 0) + 1);
    socket.once("close", () => {
      const left = (this.#perAddress.get(key) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(key, left);
      else this.#perAddress.delete(key);
    });
    return true;
  }

  #isCrowded({ address }: ProxySource): boolean {
    return (this.#perAddress.get(peerKey(address)) ?? 0) >= this.#maxPerAddress;
  }

  /** Whoever has not even finished its handshake goes before any channel does. */
  #makeRoom(): boolean {
    const [oldest] = this.#arriving.keys();
    if (oldest === undefined) return this.#options.makeRoom?.() ?? false;
    this.#refuse(oldest, "links");
    return true;
  }

  #deadline(socket: Socket, peer: ProxySource): () => void {
    const { handshakeMs = listenerLimits.handshakeMs.value } = this.#options;
    return this.#clock.at(this.#clock.now() + handshakeMs, () => this.#refuse(socket, "handshake", peer));
  }

  #readHeader(socket: Socket, peer: ProxySource): void {
    let held: Uint8Array = new Uint8Array(0);
    const onReadable = (): void => {
      const bytes = socket.read() as Uint8Array | null;
      if (bytes === null) return;
      held = concatBytes(held, bytes);
      const header = readProxyHeader(held);
      if (header.state === "partial") return;
      socket.off("readable", onReadable);
      if (header.state === "invalid") return this.#refuse(socket, "proxy", peer, header.reason);
      const { source } = header;
      // The balancer itself, seeing whether somebody is here.
      if (source === undefined) return this.#refuse(socket, undefined);
      if (!this.#admit(socket, source)) return;
      socket.pause();
      if (held.length > header.length) socket.unshift(held.subarray(header.length));
      if (this.#tls === undefined) this.#open(socket, source);
      else this.#secure(socket, source, source);
    };
    socket.on("readable", onReadable);
  }

  #secure(socket: Socket, peer: ProxySource, source?: ProxySource): void {
    this.#tls?.begin(
      socket,
      (secured) => this.#open(socket, source, secured),
      (detail) => this.#refuse(socket, "tls", peer, detail),
    );
  }

  #open(socket: Socket, source?: ProxySource, secured: Socket = socket): void {
    this.#arriving.get(socket)?.();
    this.#arriving.delete(socket);
    const { keepAliveMs } = this.#options;
    this.#options.onChannel(new TcpChannel(secured, this.#clock, { keepAliveMs, source }));
  }

  /** Without a reason nobody is told. */
  #refuse(socket: Socket, reason: RefusalReason | undefined, peer?: ProxySource, detail?: string): void {
    if (this.#refused.has(socket)) return;
    this.#refused.add(socket);
    const remoteAddress = peer?.address ?? socket.remoteAddress;
    this.#gone(socket);
    socket.destroy();
    if (reason === undefined) return;
    this.#options.onRefused?.({ reason, remoteAddress, ...(detail === undefined ? {} : { detail }) });
  }

  #gone(socket: Socket): void {
    this.#arriving.get(socket)?.();
    this.#arriving.delete(socket);
    this.#sockets.delete(socket);
  }
}
