/** Every deployed listener with its load and what has changed of its meters, as the editor's sidebar asks for it. */
import {
  DlmsError,
  type Listener,
  type ListenerCounters,
  type ListenerState,
  type RegistryChanges,
} from "../../src/index.js";
import { type Attached } from "../shared/listener-handle.js";
import { liveListener, liveListeners, type LiveListener } from "../shared/live-listeners.js";
import { explained, isRecord } from "./http.js";

export interface ListenerView {
  readonly id: string;
  readonly name: string;
  readonly host?: string;
  readonly port?: number;
  /** `unused`: no enabled node names it. `unusable`: its settings do not work. */
  readonly phase: ListenerState["phase"] | "unused" | "unusable";
  readonly error?: object;
  readonly store?: { readonly phase: string; readonly durable: boolean };
  readonly counters?: ListenerCounters;
  readonly online?: number;
  readonly changes?: RegistryChanges;
}

/** Where a reader stands in a listener's changes. */
interface Place {
  readonly revision: number;
  readonly asOf?: number;
}

const PAGE = 1_000;

/** @param places by listener id; what is not there gets everything. */
export function fleetView(places: Readonly<Record<string, Place>>): ListenerView[] {
  return liveListeners().map((live) => viewOf(live, places[live.id]));
}

/** Reads `{ id: [revision, asOf] }`. */
export function placesOf(text: unknown): Record<string, Place> {
  const places: Record<string, Place> = {};
  if (typeof text !== "string" || text === "") return places;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new DlmsError("FIELD_INVALID", "have must be JSON", { field: "have" });
  }
  if (!isRecord(given)) return places;
  for (const [id, place] of Object.entries(given)) {
    const [revision, asOf] = Array.isArray(place) ? (place as unknown[]) : [];
    if (typeof revision !== "number") continue;
    places[id] = { revision, ...(typeof asOf === "number" ? { asOf } : {}) };
  }
  return places;
}

function viewOf({ id, name, offer }: LiveListener, place: Place = { revision: 0 }): ListenerView {
  if (offer === undefined || offer instanceof Error)
    return {
      id,
      name,
      phase: "unusable",
      ...(offer === undefined ? {} : { error: explained(offer) }),
    };
  const { host, port } = offer.address;
  const { attached } = offer;
  if (attached === undefined) return { id, name, host, port, phase: "unused" };
  const { listener, journal } = attached;
  const { state } = listener;
  return {
    id,
    name,
    host,
    port: state.port,
    phase: state.phase,
    ...(state.error === undefined ? {} : { error: explained(state.error) }),
    store: { phase: journal.status.phase, durable: journal.status.durable },
    counters: listener.counters,
    online: state.meters,
    changes: listener.registry.changes(place.revision, PAGE, place.asOf),
  };
}

/** What is open under this id. @throws DlmsError the reason there is none. */
export function attachedOf(id: string | undefined): Attached {
  const live = id === undefined ? undefined : liveListener(id);
  if (live === undefined)
    throw new DlmsError("NOT_CONFIGURED", "This listener is not deployed (any more).", { field: "listener" });
  if (live.offer instanceof Error) throw live.offer;
  if (live.offer?.attached === undefined)
    throw new DlmsError("NOT_CONFIGURED", "No enabled node uses this listener, so it is closed.", {
      field: "listener",
    });
  return live.offer.attached;
}

export function openListeners(): { readonly id: string; readonly listener: Listener }[] {
  return liveListeners().flatMap(({ id, offer }) =>
    offer === undefined || offer instanceof Error || offer.attached === undefined
      ? []
      : [{ id, listener: offer.attached.listener }],
  );
}
