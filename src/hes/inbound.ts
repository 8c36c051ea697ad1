/**
 * What the backend sends, on its way in: commands go through the intake, which finds their meter, to the desk, which
 * sees that each ends once; everything else is handed on as it is, our own echo left out.
 */
import { isRecord } from "../gateway/fields.js";
import { type Clock } from "../transport/clock.js";
import { type CommandDesk } from "./command-desk.js";
import { Intake } from "./intake.js";
import { type RegistryLike } from "./options.js";
import { deskRequest, isCommand } from "./requests.js";
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
    const { desk, sockets } = deps;
    this.#intake = new Intake({
      ...deps,
      isSharedUp: () => sockets.connected,
      rooms: () => ({ size: sockets.view.rooms, only: sockets.onlyMeter }),
      run: (incoming, started) => desk.receive(deskRequest(incoming), started),
      refuse: (incoming, error) => desk.refuse(deskRequest(incoming), error),
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
}
