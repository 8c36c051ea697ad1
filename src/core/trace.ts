/**
 * The trace sink: where bytes and decisions go when somebody watches. Off unless a sink is given.
 * A sink receives bytes as they were on the wire, passwords included; the one who shows them masks secrets, as
 * `FrameTrace` of inspect/ does.
 */
export interface TraceRecord {
  /** Milliseconds, the machine's own `now`. */
  readonly at: number;
  readonly direction: "in" | "out" | "note";
  readonly layer: "transport" | "hdlc" | "wrapper" | "association" | "gateway";
  readonly bytes?: Uint8Array;
  readonly text?: string;
}

export type TraceSink = (record: TraceRecord) => void;
