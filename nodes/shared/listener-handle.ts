/**
 * Shares one listener among the nodes that name it. The port opens when the first of them starts and closes with the
 * last; a config node that nobody names opens nothing.
 */
import { type EventEmitter } from "node:events";
import { Listener, type ListenerOptions, type MeterType, presets } from "../../src/index.js";

export interface ListenerHandleDeps {
  /** Node-RED's runtime events: meters may come in once every flow has started, so that no message is lost. */
  readonly events: Pick<EventEmitter, "once" | "off">;
  readonly log: (entry: { readonly level: "info" | "warn" | "error"; readonly text: string }) => void;
}

export class ListenerHandle {
  readonly #options: ListenerOptions;
  readonly #deps: ListenerHandleDeps;
  readonly #users = new Set<string>();
  #listener: Listener | undefined;
  #begin: (() => void) | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor(options: ListenerOptions, deps: ListenerHandleDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** The type of this name among those the listener may use; `standard` for a meter nobody has met yet. */
  meterType(name: string | undefined): MeterType {
    const { defaultMeterType, meterTypeRules = [] } = this.#options;
    const own = [
      ...meterTypeRules.map((rule) => rule.meterType),
      ...(defaultMeterType ? [defaultMeterType] : []),
    ];
    return (
      own.find((type) => type.name === name) ??
      Object.values(presets).find((type) => type.name === name) ??
      defaultMeterType ??
      presets.standard
    );
  }

  /** @param user the node's id; attaching twice counts once */
  attach(user: string): Listener {
    this.#users.add(user);
    if (this.#listener) return this.#listener;
    const listener = new Listener(this.#options);
    this.#listener = listener;
    listener.on("log", this.#deps.log);
    const closed = this.#closing;
    this.#begin = () => {
      // The port of an earlier life must be free first.
      void closed.then(() => {
        if (this.#listener === listener) listener.start();
      });
    };
    this.#deps.events.once("flows:started", this.#begin);
    return listener;
  }

  /** Resolves when the port is free, if this was the last user. */
  async detach(user: string): Promise<void> {
    this.#users.delete(user);
    const listener = this.#listener;
    if (this.#users.size > 0 || !listener) return this.#closing;
    this.#listener = undefined;
    if (this.#begin) this.#deps.events.off("flows:started", this.#begin);
    this.#closing = listener.close().finally(() => listener.off("log", this.#deps.log));
    return this.#closing;
  }
}
