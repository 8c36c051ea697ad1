/**
 * What the backend sends, on its way in: commands go through the intake, which finds their meter, to the desk, which
 * sees that each ends once; a write is refused; everything else is handed on as it is, our own echo left out.
 */
import { DlmsError } from "../core/errors.js";
import { isRecord } from "../gateway/fields.js";
import { type Clock } from "../transport/clock.js";
import { type CommandDesk } from "./command-desk.js";
import { type Answer, type CommandAck } from "./contract.js";
import { Intake, type Incoming } from "./intake.js";
import { type RegistryLike } from "./options.js";
import { deskRequest, isCommand, replies } from "./requests.js";
import { resolveMeter } from "./resolve-meter.js";
import { type HesSockets } from "./sockets.js";

export interface InboundDeps {
  readonly clock: Clock;
  readonly registry: RegistryLike;
  readonly roomCheckMs: number;
  /** Id of this gateway. */
  readonly origin: string;
  readonly desk: Pick<CommandDesk, "receive" | "refuse">;
  readonly sockets: HesSockets;
  readonly onOther: (name: string, payload: unknown) => void;
  readonly log: (level: "warn", text: string) => void;
}

export class Inbound {
  readonly #deps: InboundDeps;
  readonly #intake: Intake;

  constructor(deps: InboundDeps) {
    this.#deps = deps;
    const { sockets } = deps;
    this.#intake = new Intake({
      ...deps,
      isSharedUp: () => sockets.connected,
      rooms: () => ({ size: sockets.view.rooms, only: sockets.onlyMeter }),
      run: (incoming, started) => this.#run(incoming, started),
      refuse: (incoming, error) => this.#refuse(incoming, error),
      onNoId: () => {
        if (sockets.sendsNoIds())
          deps.log("warn", "The backend sends commands without ids: each meter gets a socket from now on");
      },
    });
  }

  /** An event of the shared socket. */
  shared(name: string, args: readonly unknown[]): void {
    if (isCommand(name)) {
      this.#intake.shared(name, args);
      return;
    }
    const payload = typeof args[0] === "function" ? undefined : args[0];
    if (!(isRecord(payload) && payload.origin === this.#deps.origin)) this.#deps.onOther(name, payload);
  }

  /** An event of one meter's socket. What is no command is told to everybody and heard on the shared socket. */
  own(serial: string, name: string, args: readonly unknown[]): void {
    if (isCommand(name)) this.#intake.own(serial, name, args);
  }

  stop(): void {
    this.#intake.stop();
  }

  #run(incoming: Incoming, started: (answer: CommandAck) => void): Answer {
    const request = deskRequest(incoming);
    if (request !== undefined) return this.#deps.desk.receive(request, started);
    const text = "Writing is not supported by this gateway yet; nothing was sent to the meter.";
    return this.#refuse(incoming, new DlmsError("NOT_SUPPORTED", text));
  }

  #refuse(incoming: Incoming, error: DlmsError): CommandAck {
    const request = deskRequest(incoming);
    if (request !== undefined) return this.#deps.desk.refuse(request, error);
    const { name, payload, home } = incoming;
    const refused = { success: false, error: error.message, code: error.code };
    const id = this.#recordOf(payload, home);
    if (id !== undefined) this.#deps.sockets.shared.reply(`${replies["dlms-write"]}-${id}`, refused);
    this.#deps.log("warn", `${name} refused: ${error.message}`);
    this.#deps.onOther("command-refused", { command: name, ...refused });
    return { accepted: false, code: error.code };
  }

  #recordOf(payload: unknown, home: string | undefined): string | undefined {
    try {
      return isRecord(payload) ? resolveMeter(payload, this.#deps.registry, home).backendId : undefined;
    } catch (caught) {
      // The call names no meter: then there is no event to answer on.
      return void caught;
    }
  }
}
