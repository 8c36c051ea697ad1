/** The meter of the journal's tests, what is asked of it, and gateways that are closed after each test. */
import assert from "node:assert/strict";
import { dialectByName } from "../../../src/meter-types/dialects/index.js";
import { presets } from "../../../src/meter-types/presets.js";
import { type DialledIn } from "../bench.js";
import { Gateway, type GatewayOptions, removeFolders } from "./journal-bench.js";

export const serial = "46000755036";
export const token = "12345678901234567890";
export const other = "12345678901234567891";
const plain = dialectByName("plain-wrapper");
assert.ok(plain);
export const dialect = plain;
export const meterType = {
  ...presets.standard,
  association: { ...presets.standard.association, framing: "wrapper" as const },
};
export const listenerOptions = { defaultMeterType: meterType };
export const energy = { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" };
export const meter = { serial, meterType, dialect };

export const relay = (action: "connect" | "disconnect", more: object = {}): Record<string, unknown> => ({
  meterSerialNumber: serial,
  action,
  ...more,
});
export const load = (more: object = {}): Record<string, unknown> => ({
  meterSerialNumber: serial,
  token,
  ...more,
});

/** ACTIONs on the token gateway that this meter was sent. */
export const tokensSent = (dialled: DialledIn): number =>
  dialled.received().match(/C301..00730000132800FF01/g)?.length ?? 0;
export const switches = (dialled: DialledIn): number =>
  dialled.received().match(/C301..0046000060030AFF0[12]/g)?.length ?? 0;

/** The meter was there, and is away. */
export async function knownAndAway(gateway: Gateway): Promise<void> {
  const dialled = await gateway.bench.dialIn(meter);
  await gateway.bench.event("associated", serial);
  dialled.hangUp();
  await gateway.bench.event("disconnected", serial);
  gateway.bench.meterEvents.length = 0;
}

export interface Gateways {
  readonly make: (options?: GatewayOptions) => Promise<Gateway>;
  /** With the meter there. */
  readonly online: (options?: GatewayOptions) => Promise<[Gateway, DialledIn]>;
  /** The next life of a gateway, on the same file. */
  readonly again: (gateway: Gateway, options?: GatewayOptions) => Promise<Gateway>;
}

export function useGateways(): Gateways {
  const gateways: Gateway[] = [];
  const keep = (gateway: Gateway): Gateway => {
    gateways.push(gateway);
    return gateway;
  };
  const make = async (options: GatewayOptions = {}): Promise<Gateway> =>
    keep(await new Gateway({ listenerOptions, ...options }).open());
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.close();
  });
  after(removeFolders);
  return {
    make,
    async online(options) {
      const gateway = await make(options);
      const dialled = await gateway.bench.dialIn(meter);
      await gateway.bench.event("associated", serial);
      return [gateway, dialled];
    },
    again: async (gateway, options = {}) => keep(await gateway.restart({ listenerOptions, ...options })),
  };
}
