/**
 * The disconnect control of class 70 (Blue Book 4.5.8): which control state follows which event in which control
 * mode. Letters are those of the standard's state diagram. Mode 7 and its transition i are left out.
 * How long the contacts travel is the meter's business, not this table's.
 */
export type ControlMode = 0 | 1 | 2 | 3 | 4 | 5 | 6;
export const controlModes: readonly ControlMode[] = [0, 1, 2, 3, 4, 5, 6];

/** Attribute 3: 0 disconnected, 1 connected, 2 ready for reconnection. */
export type ControlState = 0 | 1 | 2;

export type RelayEvent =
  | "remote-disconnect"
  | "remote-reconnect"
  | "manual-disconnect"
  | "manual-reconnect"
  | "local-disconnect"
  | "local-reconnect";

/** Letter of a transition → the event and where it leads from and to. */
const TRANSITIONS = {
  a: { event: "remote-reconnect", from: 0, to: 1 },
  b: { event: "remote-disconnect", from: 1, to: 0 },
  c: { event: "remote-disconnect", from: 2, to: 0 },
  d: { event: "remote-reconnect", from: 0, to: 2 },
  e: { event: "manual-reconnect", from: 2, to: 1 },
  f: { event: "manual-disconnect", from: 1, to: 2 },
  g: { event: "local-disconnect", from: 1, to: 2 },
  h: { event: "local-reconnect", from: 2, to: 1 },
} as const satisfies Record<string, { event: RelayEvent; from: ControlState; to: ControlState }>;

/** Which transitions a control mode (attribute 4) has. Mode 0 has none: always connected. */
const MODES: Readonly<Record<ControlMode, string>> = {
  0: "",
  1: "bcfgde",
  2: "bcfgae",
  3: "bcgde",
  4: "bcgae",
  5: "bcfgdeh",
  6: "bcgdeh",
};

/** The state after `event`; the same state when the mode has no such transition from there. */
export function nextControlState(mode: ControlMode, state: ControlState, event: RelayEvent): ControlState {
  for (const letter of MODES[mode]) {
    const transition = TRANSITIONS[letter as keyof typeof TRANSITIONS];
    if (transition.event === event && transition.from === state) return transition.to;
  }
  return state;
}

/** Whether going from one state to the other moves the contacts (and so takes the travel time). */
export function movesContacts(from: ControlState, to: ControlState): boolean {
  return (from === 1) !== (to === 1);
}
