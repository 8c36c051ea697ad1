/**
 * A link to a meter behind a concentrator: the same link, each APDU behind the prefix that names network and device.
 * For either role; a server is one such device. What names another device, or none, is noise, but for a refusal by
 * the concentrator itself. Leaves out several devices at once on one link.
 */
import { equalBytes, toHex } from "../bytes/hex.js";
import { asDlmsError, usageError } from "../core/errors.js";
import { type Link, type LinkEvent, type LinkIntent, type Role } from "../core/link.js";
import {
  type GatewayPrefix,
  hasGatewayPrefix,
  splitGatewayPrefix,
  withGatewayPrefix,
} from "../xdlms/index.js";

export interface BehindGateway {
  /** 0 to 255. */
  readonly networkId: number;
  /** The physical device address on that network, up to 127 octets. */
  readonly deviceAddress: Uint8Array;
}

/** exception-response, confirmed-service-error. */
const REFUSALS: ReadonlySet<number> = new Set([0xd8, 0x0e]);
const LONGEST_ADDRESS = 127;

export class GatewayLink implements Link {
  readonly #inner: Link;
  readonly #role: Role;
  readonly #device: BehindGateway;

  /** @throws DlmsError FIELD_INVALID */
  constructor(inner: Link, role: Role, device: BehindGateway) {
    const { networkId, deviceAddress } = device;
    if (!Number.isInteger(networkId) || networkId < 0 || networkId > 0xff)
      throw usageError("FIELD_INVALID", "networkId", "an integer from 0 to 255 is expected");
    if (deviceAddress.length > LONGEST_ADDRESS)
      throw usageError("FIELD_INVALID", "deviceAddress", `${LONGEST_ADDRESS} octets at most are expected`);
    this.#inner = inner;
    this.#role = role;
    this.#device = device;
  }

  receive(now: number, bytes: Uint8Array): void {
    this.#inner.receive(now, bytes);
  }

  send(now: number, intent: LinkIntent): void {
    if (intent.type !== "apdu") return this.#inner.send(now, intent);
    const type = this.#role === "client" ? "to-device" : "from-device";
    this.#inner.send(now, {
      ...intent,
      bytes: withGatewayPrefix({ type, ...this.#device }, intent.bytes),
    });
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#inner.pollTransmit();
  }

  pollEvent(): LinkEvent | undefined {
    const event = this.#inner.pollEvent();
    if (event?.type !== "apdu") return event;
    const { bytes } = event;
    const noise = (reason: string): LinkEvent => ({ type: "noise", bytes, reason });
    if (!hasGatewayPrefix(bytes)) {
      if (this.#role === "client" && REFUSALS.has(bytes[0] as number)) return event;
      return noise("an APDU that names no device behind the gateway");
    }
    try {
      const { prefix, apdu } = splitGatewayPrefix(bytes);
      if (this.#isOurs(prefix) && apdu.length > 0) return { ...event, bytes: apdu };
      return noise(`for device ${toHex(prefix.deviceAddress)} of network ${prefix.networkId}`);
    } catch (caught) {
      return noise(asDlmsError(caught).message);
    }
  }

  nextTimeout(): number | undefined {
    return this.#inner.nextTimeout();
  }

  handleTimeout(now: number): void {
    this.#inner.handleTimeout(now);
  }

  /** A device's own notification may be marked as going to one, or as coming from one. */
  #isOurs({ type, networkId, deviceAddress }: GatewayPrefix): boolean {
    if (this.#role === "server" && type !== "to-device") return false;
    return networkId === this.#device.networkId && equalBytes(deviceAddress, this.#device.deviceAddress);
  }
}
