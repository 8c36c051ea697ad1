/** What a simulated meter is told and what it tells its owner. */
import { type SecurityNeed, type SecurityProvided } from "../security/key-store.js";
import { type Faults } from "./faults.js";
import { type MeterNote } from "./meter-state.js";

export type SimulatorIntent =
  /** A new connection is up: dial in. */
  | { readonly type: "open" }
  /** The connection is gone. */
  | { readonly type: "closed" }
  /** End the connection. */
  | { readonly type: "hang-up" }
  /** Someone presses the meter's button. Default connect. */
  | { readonly type: "press-button"; readonly action?: "connect" | "disconnect" }
  /** Send the regular push, or the login again, now. Nothing happens without a connection. */
  | { readonly type: "push" }
  | { readonly type: "heartbeat" }
  /** The answer to what its session asked for. */
  | SecurityProvided
  /** Replaces all faults. */
  | { readonly type: "faults"; readonly faults: Faults };

export type SimulatorEventName =
  | MeterNote["name"]
  | "dialled-in"
  | "login-answered"
  | "login-unanswered"
  | "associated"
  | "association-failed"
  | "released"
  | "request"
  | "pushed"
  | "push-confirmed"
  | "alarm"
  | "button"
  | "link-lost"
  | "hung-up";

export type SimulatorEvent =
  /** What the meter did, for people. `at` is epoch ms. Never holds a whole token or a password. */
  | {
      readonly type: "event";
      readonly serial: string;
      readonly at: number;
      readonly name: SimulatorEventName;
      readonly text: string;
    }
  /** Its session asks for random octets or invocation counters. */
  | SecurityNeed
  /** The owner has to close the connection. */
  | { readonly type: "hang-up" };
