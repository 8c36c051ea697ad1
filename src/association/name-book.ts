/** The short names that one association knows: those told beforehand, and once it was read, the meter's object list. */
import { type MethodOffsets, type ShortNameObject, ShortNames } from "../cosem/short-names.js";

export interface ShortNameOptions {
  /**
   * Client: objects known beforehand; what is not among them is looked up in the object list of the association, which
   * is read once. Server: all objects, the association at FA00 aside.
   */
  readonly objects?: readonly ShortNameObject[];
  /** Octets from a base name to method 1 by class, for classes where that is not settled (64: 30 or 28 hex). */
  readonly methodOffsets?: MethodOffsets;
}

export class NameBook {
  readonly #options: ShortNameOptions;
  #names: ShortNames;
  /** The object list was read: what is not here is not there. */
  complete = false;

  constructor(options: ShortNameOptions) {
    this.#options = options;
    this.#names = new ShortNames(options.objects ?? [], options.methodOffsets);
  }

  get names(): ShortNames {
    return this.#names;
  }

  learn(objects: readonly ShortNameObject[]): void {
    this.complete = true;
    this.#names = new ShortNames([...objects, ...(this.#options.objects ?? [])], this.#options.methodOffsets);
  }
}
