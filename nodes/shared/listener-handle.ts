/**
 * Shares one listener, and the journal in front of it, among the nodes that name it. The port opens when the first of
 * them starts and closes with the last; a config node that nobody names opens nothing. Nodes that a deploy ends and
 * makes again leave the links of an unchanged listener alone. Listeners may share a store.
 */
import { type EventEmitter } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  asDlmsError,
  AskedKeys,
  CommandJournal,
  type JournalOptions,
  type KeyStore,
  Listener,
  type ListenerOptions,
  type MeterType,
  openStore,
  presets,
  type StoreUse,
} from "../../src/index.js";

export interface StoreSettings {
  /** An absolute path. */
  readonly file: string;
  /** It grows no larger: beyond it new commands are refused, and the oldest readings go. */
  readonly megabytes: number;
  /** Without a store, commands are kept in memory instead of being refused. */
  readonly allowVolatile: boolean;
  readonly offline: "wait" | "fail";
}

export interface ListenerHandleDeps {
  /** The config node's id: names the journal in the store. */
  readonly id: string;
  /** Node-RED's runtime events: meters may come in once every flow has started, so that no message is lost. */
  readonly events: Pick<EventEmitter, "once" | "off">;
  readonly log: (entry: { readonly level: "info" | "warn" | "error"; readonly text: string }) => void;
  /** Knows the keys of single meters. */
  readonly keys?: KeyStore | undefined;
}

export interface Attached {
  readonly listener: Listener;
  readonly journal: CommandJournal;
  /** Questions for keys that the flow is to answer. */
  readonly asked: AskedKeys | undefined;
}

/** A page of the store has 4,096 octets. */
const PAGES_PER_MEGABYTE = 256;

/** Handles with users, by store file. What a deleted listener has left in a file is the first one's there. */
const inUse = new Map<string, ListenerHandle[]>();

export class ListenerHandle {
  readonly #options: ListenerOptions;
  readonly #store: StoreSettings;
  readonly #deps: ListenerHandleDeps;
  readonly #users = new Set<string>();
  #attached: Attached | undefined;
  #begin: (() => void) | undefined;
  #settle: (() => void) | undefined;
  #closing: Promise<unknown> = Promise.resolve();

  constructor(options: ListenerOptions, store: StoreSettings, deps: ListenerHandleDeps) {
    this.#options = options;
    this.#store = store;
    this.#deps = deps;
  }

  /** What is open while a node names this listener. */
  get attached(): Attached | undefined {
    return this.#attached;
  }

  /** Where it listens, or would. */
  get address(): { readonly host: string; readonly port: number } {
    const { host = "0.0.0.0", port = 4_000 } = this.#options;
    return { host, port };
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
  attach(user: string): Attached {
    this.#users.add(user);
    if (this.#attached) return this.#attached;
    const { events, id, log } = this.#deps;
    const { file, offline } = this.#store;
    const { keys } = this.#deps;
    const listener = new Listener(this.#options, {
      store: () => journal.store(),
      ...(keys === undefined ? {} : { keys }),
    });
    const open: JournalOptions["open"] = () => this.#open();
    const journal: CommandJournal = new CommandJournal({ owner: id, listener, open, offline });
    const asked = keys instanceof AskedKeys ? keys : undefined;
    const attached = (this.#attached = { listener, journal, asked });
    listener.on("log", log);
    journal.on("log", log);
    inUse.set(file, [...(inUse.get(file) ?? []), this]);
    const closed = this.#closing;
    this.#begin = () => {
      // The port of an earlier life must be free first.
      const start = (): void => {
        if (this.#attached !== attached) return;
        journal.start((owner) => this.#owns(owner));
        listener.start();
      };
      void closed.then(start, start);
    };
    events.once("flows:started", this.#begin);
    return attached;
  }

  /** The last one to go closes port and store, once the deploy has shown that nobody comes back. */
  detach(user: string): void {
    this.#users.delete(user);
    if (this.#users.size > 0 || !this.#attached || this.#settle) return;
    this.#settle = () => {
      this.#settle = undefined;
      if (this.#users.size === 0) void this.#end();
    };
    this.#deps.events.once("flows:started", this.#settle);
  }

  /** The config node itself ends. Resolves when port and store are free. */
  async retire(): Promise<void> {
    this.#users.clear();
    await this.#end();
  }

  async #end(): Promise<void> {
    const { events } = this.#deps;
    if (this.#begin) events.off("flows:started", this.#begin);
    if (this.#settle) events.off("flows:started", this.#settle);
    this.#settle = undefined;
    const attached = this.#attached;
    this.#attached = undefined;
    if (attached) this.#closing = this.#close(attached);
    try {
      await this.#closing;
    } catch (caught) {
      this.#deps.log({ level: "warn", text: asDlmsError(caught).message });
    }
  }

  async #close({ listener, journal }: Attached): Promise<void> {
    const { log } = this.#deps;
    const { file } = this.#store;
    const left = (inUse.get(file) ?? []).filter((handle) => handle !== this);
    if (left.length === 0) inUse.delete(file);
    else inUse.set(file, left);
    try {
      await Promise.all([journal.close(), listener.close()]);
    } finally {
      listener.off("log", log);
      journal.off("log", log);
    }
  }

  async #open(): Promise<StoreUse> {
    const { file, allowVolatile, megabytes } = this.#store;
    const limits = { pages: megabytes * PAGES_PER_MEGABYTE };
    try {
      return await openStore(file, { limits });
    } catch (caught) {
      if (!allowVolatile) throw caught;
      const reason = asDlmsError(caught).message;
      this.#deps.log({ level: "warn", text: `Commands are kept in memory only, as allowed: ${reason}` });
      // Only a name, which nodes that share the file share as well; its folder has to be there.
      return openStore(join(tmpdir(), encodeURIComponent(file)), { volatile: true, limits });
    }
  }

  #owns(owner: string): boolean {
    if (owner === this.#deps.id) return true;
    const sharing = inUse.get(this.#store.file) ?? [];
    return sharing[0] === this && !sharing.some((handle) => handle.#deps.id === owner);
  }
}
