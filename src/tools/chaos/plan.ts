/** What the backend of a chaos run asks, decided by a seed: tokens, relay commands and reads over all meters. */
import { type CommandName } from "../../gateway/messages.js";

/** Numbers from 0 up to, not including, 1; the same ones for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface PlannedCommand {
  readonly commandId: string;
  readonly command: CommandName;
  readonly meterSerialNumber: string;
  readonly sequence: number;
  readonly token?: string;
  readonly action?: "connect" | "disconnect";
  readonly obisCode?: string;
}

/** Token loads, relay commands and reads in the proportion 4 : 3 : 3. Every token is asked for once. */
export function planCommands(count: number, serials: readonly string[], seed: number): PlannedCommand[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, sequence) => {
    const meterSerialNumber = serials[Math.floor(random() * serials.length)] as string;
    const base = { commandId: `chaos-${seed}-${sequence}`, meterSerialNumber, sequence };
    const kind = random();
    if (kind < 0.4) {
      // Distinct by its number; the first digits keep it below 2^66 and off the simulator's refused prefixes.
      const token = `5${String(seed % 1_000_000).padStart(6, "0")}${String(sequence).padStart(13, "0")}`;
      return { ...base, command: "remote-load", token };
    }
    if (kind < 0.7)
      return { ...base, command: "remote-control", action: random() < 0.5 ? "connect" : "disconnect" };
    return { ...base, command: "read-meter", obisCode: "1-0:1.8.0.255" };
  });
}
