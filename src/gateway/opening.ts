/**
 * The first words on a new link: waits until a login, a sniffed opening or the end of patience says how the meter came
 * in (the four ways of docs/architecture.md). One of these per link; it ends with the first answer.
 */
import { DlmsError } from "../core/errors.js";
import { type Clock } from "../transport/clock.js";
import { type LinkFraming, sniff } from "./sniff.js";
import { type Piece } from "./splitter.js";

export type Login = Extract<Piece, { type: "login" }>;

export type Opening =
  | { readonly way: "login"; readonly login: Login }
  | { readonly way: "request"; readonly framing: LinkFraming }
  | { readonly way: "push"; readonly framing: LinkFraming }
  | { readonly way: "silence"; readonly framing?: LinkFraming };

export class FirstWords {
  readonly heard: Promise<Opening>;
  #settle!: (opening: Opening | DlmsError) => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, silenceMs: number) {
    this.heard = new Promise((resolve, reject) => {
      this.#settle = (opening) => {
        this.#cancel?.();
        if (opening instanceof DlmsError) reject(opening);
        else resolve(opening);
      };
    });
    this.#cancel = clock.at(clock.now() + silenceMs, () => this.#settle({ way: "silence" }));
  }

  login(login: Login): void {
    this.#settle({ way: "login", login });
  }

  /** @param bytes everything that arrived so far, logins aside. */
  bytes(bytes: Uint8Array): void {
    const found = sniff(bytes);
    switch (found.kind) {
      case "undecided":
      case "noise":
        return;
      case "foreign":
        return this.#settle(new DlmsError("FRAME_INVALID", `The peer does not speak DLMS (${found.name}).`));
      case "request":
      case "push":
        return this.#settle({ way: found.kind, framing: found.framing });
      case "framing":
        return this.#settle({ way: "silence", framing: found.framing });
    }
  }

  ended(error: DlmsError): void {
    this.#settle(error);
  }
}
