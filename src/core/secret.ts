/**
 * A value that must never be printed: passwords, keys, whole tokens.
 * String conversion, JSON and inspection all give `[redacted]`; only `reveal()` gives the value.
 */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

export class Secret<T = Uint8Array> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call it where the bytes are made, nowhere else. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return "[redacted]";
  }

  toJSON(): string {
    return "[redacted]";
  }

  [INSPECT](): string {
    return "[redacted]";
  }
}

/** A token as people may see it: its last four digits. */
export function maskToken(token: string): string {
  return `…${token.slice(-4)}`;
}
