/** Which meters are listed, and in which order: search, filter and sorting over thousands in one pass. */
import { hasProblem, type Meter, stateOf } from "./model.js";

export type Filter = "all" | "online" | "offline" | "problems";
export type Order = "serial" | "heard" | "trouble";

export interface Wanted {
  /** Part of the serial number, type, address, backend's id or error; several words all have to be there. */
  readonly text: string;
  readonly filter: Filter;
  readonly order: Order;
  /** A listener's id; empty for all. */
  readonly listener: string;
}

export interface Selection {
  readonly meters: readonly Meter[];
  /** How many there are by filter, whatever is searched for. */
  readonly counts: Readonly<Record<Filter, number>>;
}

export function select(all: Iterable<Meter>, { text, filter, order, listener }: Wanted): Selection {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const counts = { all: 0, online: 0, offline: 0, problems: 0 };
  const meters: Meter[] = [];
  for (const meter of all) {
    if (listener !== "" && meter.listener !== listener) continue;
    const state = stateOf(meter.view);
    const isOffline = state === "offline";
    const isProblem = hasProblem(meter.view);
    counts.all++;
    if (isOffline) counts.offline++;
    else counts.online++;
    if (isProblem) counts.problems++;
    const fits =
      filter === "all" ||
      (filter === "online" && !isOffline) ||
      (filter === "offline" && isOffline) ||
      (filter === "problems" && isProblem);
    if (!fits) continue;
    if (words.length > 0) {
      const searched = searchText(meter);
      if (!words.every((word) => searched.includes(word))) continue;
    }
    meters.push(meter);
  }
  return { meters: meters.sort(comparisons[order]), counts };
}

function searchText({ view }: Meter): string {
  const { meterSerialNumber, meterType, remoteAddress, backendId = "", dialect, lastError } = view;
  return [
    meterSerialNumber,
    meterType,
    remoteAddress,
    backendId,
    dialect,
    lastError?.code ?? "",
    lastError?.message ?? "",
  ]
    .join("\n")
    .toLowerCase();
}

type Compare = (a: Meter, b: Meter) => number;

const bySerial: Compare = (a, b) =>
  a.view.meterSerialNumber < b.view.meterSerialNumber
    ? -1
    : a.view.meterSerialNumber > b.view.meterSerialNumber
      ? 1
      : a.key < b.key
        ? -1
        : 1;

/** The latest first; what never happened last. */
function latest(at: (meter: Meter) => string | undefined): Compare {
  return (a, b) => {
    const [first = "", second = ""] = [at(a), at(b)];
    return first === second ? bySerial(a, b) : first < second ? 1 : -1;
  };
}

const comparisons: Readonly<Record<Order, Compare>> = {
  serial: bySerial,
  heard: latest(({ view }) => view.lastSeen),
  trouble: latest(({ view }) => view.lastError?.at),
};
