/**
 * Whom a link's frames are from and for: the two addresses in the form the peer uses, what is accepted, and the
 * integers the association above sees. A side keeps its address however the roles are swapped.
 */
import { type LinkAddresses } from "../core/link.js";
import { type HdlcAddress, isAllStation, sameStation } from "./address.js";
import { type HdlcFrame } from "./frame.js";
import { type HdlcLinkOptions } from "./link-options.js";

export class Addressing {
  readonly #options: HdlcLinkOptions;
  #own: HdlcAddress;
  #peer: HdlcAddress;

  constructor(options: HdlcLinkOptions) {
    this.#options = options;
    const primary = options.station === "primary";
    this.#own = primary ? options.client : options.server;
    this.#peer = primary ? options.server : options.client;
  }

  get own(): HdlcAddress {
    return this.#own;
  }

  get peer(): HdlcAddress {
    return this.#peer;
  }

  get integers(): LinkAddresses {
    return this.#options.station === "primary"
      ? linkAddresses(this.#own, this.#peer)
      : linkAddresses(this.#peer, this.#own);
  }

  /** Secondary: speaks from now on as the one the SNRM called, to the one who sent it. */
  learn({ source, destination }: HdlcFrame): void {
    this.#own = isAllStation(destination) ? this.#options.server : destination;
    this.#peer = source;
  }

  /** @param connected whether the addresses are settled; before that a secondary may take any. */
  accepts({ source, destination, control }: HdlcFrame, connected: boolean): boolean {
    if (this.#options.station === "primary")
      return (
        sameStation(destination, this.#own) && (sameStation(source, this.#peer) || isAllStation(this.#peer))
      );
    if (this.#options.acceptAnyAddress && (control.type === "SNRM" || !connected)) return true;
    return (
      sameStation(source, this.#peer) && (sameStation(destination, this.#own) || isAllStation(destination))
    );
  }

  /** Addresses of an unconfirmed frame, which may be from and for anyone. */
  ofUnconfirmed({ source, destination }: HdlcFrame, fromServer: boolean): LinkAddresses {
    return fromServer ? linkAddresses(destination, source) : linkAddresses(source, destination);
  }
}

function linkAddresses(client: HdlcAddress, server: HdlcAddress): LinkAddresses {
  return server.lower === undefined
    ? { client: client.upper, server: server.upper }
    : { client: client.upper, server: server.upper, serverLower: server.lower };
}
