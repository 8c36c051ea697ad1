/**
 * A two-way stream of bytes, whatever carries it: TCP, memory, later serial. What is written after the end is
 * dropped; whoever wrote it learns of the end by `onClose`.
 */
export interface ByteChannel {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  write(bytes: Uint8Array): void;
  /** Octets written that the network has not taken yet. */
  readonly bufferedBytes: number;
  /** Who takes the bytes; the newest listener gets them. What arrives before the first one is held back. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Told once, at the end; at once when it has ended already. Without an error both sides were orderly. */
  onClose(listener: (error?: Error) => void): void;
  /** Orderly: what was written is still sent. */
  close(): void;
  /** At once, dropping what was not sent yet. */
  destroy(): void;
}
