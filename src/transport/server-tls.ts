/**
 * TLS of a listening port: TLS 1.2 and later, with the port's certificate, and client certificates where they are asked
 * for. A handshake that fails ends the socket; nothing of it reaches anybody else.
 */
import { type Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { DlmsError } from "../core/errors.js";
import { type Secret } from "../core/secret.js";

export interface ServerTls {
  /** PEM; the chain behind it may follow in the same text. */
  readonly cert: string | Uint8Array;
  readonly key: Secret<string | Uint8Array>;
  readonly passphrase?: Secret<string>;
  /** Authorities that client certificates must come from. */
  readonly ca?: string | Uint8Array;
  /** Who shows no certificate of `ca` is refused. */
  readonly requireClientCertificate?: boolean;
}

interface Waiting {
  readonly secured: (socket: TLSSocket) => void;
  readonly failed: (reason: string) => void;
}

export class TlsHandshakes {
  /** Never listens: it only takes sockets over. */
  readonly #server: Server;
  readonly #waiting = new Map<string, Waiting>();

  /** @throws DlmsError TLS_UNUSABLE for a certificate or key that does not fit; never with either in the text. */
  constructor(tls: ServerTls) {
    const { cert, key, ca, passphrase, requireClientCertificate: demands = false } = tls;
    if (cert.length === 0 || key.reveal().length === 0)
      throw new DlmsError("TLS_UNUSABLE", "The port has no certificate, or no private key to it.");
    if (demands && ca === undefined)
      throw new DlmsError(
        "TLS_UNUSABLE",
        "Client certificates are demanded without an authority to check them.",
      );
    try {
      this.#server = createServer({
        cert: plain(cert),
        key: plain(key.reveal()),
        ...(ca === undefined ? {} : { ca: plain(ca) }),
        ...(passphrase === undefined ? {} : { passphrase: passphrase.reveal() }),
        requestCert: demands,
        rejectUnauthorized: demands,
        minVersion: "TLSv1.2",
      });
    } catch (caught) {
      const reason = caught instanceof Error && "code" in caught ? String(caught.code) : "unreadable";
      throw new DlmsError("TLS_UNUSABLE", `The port's certificate and key cannot be used: ${reason}.`);
    }
    this.#server.on("secureConnection", (socket) => this.#take(socket)?.secured(socket));
    this.#server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) =>
      this.#take(socket)?.failed(error.code ?? error.message),
    );
  }

  /** Shakes hands on a socket that nobody reads from. One of the two is called. */
  begin(socket: Socket, secured: Waiting["secured"], failed: Waiting["failed"]): void {
    const key = keyOf(socket);
    const waiting = { secured, failed };
    this.#waiting.set(key, waiting);
    // A TLS socket that has ended does not always tell whose it was.
    socket.once("close", () => {
      if (this.#waiting.get(key) !== waiting) return;
      this.#waiting.delete(key);
      failed("the handshake came to no end");
    });
    this.#server.emit("connection", socket);
  }

  /** The same two ends on both sockets: the TLS socket shows those of the one below it. */
  #take(socket: Socket): Waiting | undefined {
    const key = keyOf(socket);
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    return waiting;
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ""} ${remotePort ?? 0}`;
}

/** The type that Node.js asks for; the octets are the same. */
function plain(text: string | Uint8Array): string | Buffer {
  return typeof text === "string" ? text : Buffer.from(text);
}
