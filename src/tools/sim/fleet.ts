/** Starts a plan of simulated meters against a gateway; for `npm start` and `npm run sim`. */
import { fleetPlan, type FleetOptions } from "../../simulator/fleet.js";
import { SimulatorHost, type SimulatorHostEvent } from "../../transport/simulator-host.js";

export interface StartFleetOptions extends FleetOptions {
  /** Where the gateway listens. Default 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  /** The meters listen from `port` on instead of dialling in. */
  readonly listen?: boolean;
  readonly startGapMs?: number;
  readonly onEvent?: (event: SimulatorHostEvent) => void;
}

export function startFleet({
  host,
  port,
  listen = false,
  startGapMs,
  onEvent,
  ...plan
}: StartFleetOptions): SimulatorHost {
  const fleet = new SimulatorHost({
    meters: fleetPlan(plan),
    transport: listen
      ? { mode: "listen", port, ...(host === undefined ? {} : { host }) }
      : { mode: "dial", host: host ?? "127.0.0.1", port },
    ...(startGapMs === undefined ? {} : { startGapMs }),
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  fleet.start();
  return fleet;
}
