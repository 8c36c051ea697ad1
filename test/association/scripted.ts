/** One session on a wrapper link, and a peer that is played by hand with APDUs in hex. */
import {
  type ClientOptions,
  type ServerOptions,
  Session,
  type SessionEvent,
  type SessionIntent,
} from "../../src/association/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { decodeWrapperPdu, encodeWrapperPdu, WrapperLink } from "../../src/wrapper/index.js";

export const AARQ_NONE = "601DA109060760857405080101BE10040E01000000065F1F040000FE1FFFFF";
export const AARE_OK =
  "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000FE1F04000007";

export class Scripted {
  readonly session: Session;
  now = 0;
  readonly #peer: { readonly source: number; readonly destination: number };

  private constructor(session: Session, peer: { source: number; destination: number }) {
    this.session = session;
    this.#peer = peer;
  }

  static client(client: Partial<ClientOptions> = {}): Scripted {
    const link = new WrapperLink({ role: "client", clientWPort: 16, serverWPort: 1 });
    const session = new Session({ role: "client", link, client: { mechanism: "none", ...client } });
    return new Scripted(session, { source: 1, destination: 16 });
  }

  static server(server: Partial<ServerOptions> = {}, clientSap = 16): Scripted {
    const link = new WrapperLink({ role: "server", clientWPort: 0, serverWPort: 1, acceptAnyAddress: true });
    const session = new Session({
      role: "server",
      link,
      server: { accept: [{ mechanism: "none" }], ...server },
    });
    return new Scripted(session, { source: clientSap, destination: 1 });
  }

  /** A client that is associated, what it said and heard about it already taken. */
  static associated(client: Partial<ClientOptions> = {}, aare = AARE_OK): Scripted {
    const scripted = Scripted.client(client);
    scripted.do({ type: "associate" });
    scripted.say(aare);
    scripted.heard();
    scripted.events();
    return scripted;
  }

  static associatedServer(server: Partial<ServerOptions> = {}, aarq = AARQ_NONE): Scripted {
    const scripted = Scripted.server(server);
    scripted.say(aarq);
    scripted.heard();
    scripted.events();
    return scripted;
  }

  do(intent: SessionIntent): void {
    this.session.send(this.now, intent);
  }

  /** The peer sends APDUs. */
  say(...apdus: readonly string[]): void {
    for (const apdu of apdus)
      this.session.receive(this.now, encodeWrapperPdu({ ...this.#peer, apdu: fromHex(apdu) }));
  }

  /** What the session has sent since last asked. */
  heard(): string[] {
    const apdus: string[] = [];
    for (let bytes = this.session.pollTransmit(); bytes !== undefined; bytes = this.session.pollTransmit())
      apdus.push(toHex(decodeWrapperPdu(bytes).apdu));
    return apdus;
  }

  /** What the session has told since last asked. */
  events(): SessionEvent[] {
    const events: SessionEvent[] = [];
    for (let event = this.session.pollEvent(); event !== undefined; event = this.session.pollEvent())
      events.push(event);
    return events;
  }

  /** Lets time pass, timer by timer. */
  wait(ms: number): void {
    const end = this.now + ms;
    for (
      let at = this.session.nextTimeout();
      at !== undefined && at <= end;
      at = this.session.nextTimeout()
    ) {
      this.now = Math.max(this.now, at);
      this.session.handleTimeout(this.now);
    }
    this.now = end;
  }
}

/** Short form of events for comparing: type, and the error's code. */
export function told(events: readonly SessionEvent[]): string[] {
  return events.map((event) => {
    const error = "error" in event ? event.error : undefined;
    const id = "id" in event && event.id !== undefined ? ` ${event.id}` : "";
    return `${event.type}${id}${error === undefined ? "" : ` ${error.code}`}`;
  });
}
