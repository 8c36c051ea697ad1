/** The link of an association as its meter type says: framing and addresses, and the concentrator in between. */
import { type ClientOptions, GatewayLink } from "../association/index.js";
import { type Link } from "../core/link.js";
import { HdlcLink } from "../hdlc/index.js";
import { type AssociationSettings } from "../meter-types/meter-type.js";
import { WrapperLink } from "../wrapper/index.js";
import { type LinkFraming } from "./sniff.js";

export interface ClientLinkOptions {
  readonly framing: LinkFraming;
  readonly settings: AssociationSettings;
  readonly clientSap: number;
  /** HDLC retransmissions; probes do without. */
  readonly retries?: number;
  /** Octets of an APDU that comes in segments. */
  readonly maxApduBytes: number;
}

/** How often HDLC says a frame again within the response timeout. */
const FRAME_REPETITIONS = 2;

export function clientLink(options: ClientLinkOptions, responseTimeoutMs: number): Link {
  const { behind } = options.settings;
  const link = plainLink(options, responseTimeoutMs);
  return behind === undefined ? link : new GatewayLink(link, "client", behind);
}

function plainLink(
  { framing, settings, clientSap, maxApduBytes, retries = FRAME_REPETITIONS }: ClientLinkOptions,
  responseTimeoutMs: number,
): Link {
  if (framing === "wrapper")
    return new WrapperLink({ role: "client", clientWPort: clientSap, serverWPort: settings.serverSap });
  return new HdlcLink({
    station: "primary",
    client: { upper: clientSap, octets: 1 },
    server: {
      upper: settings.serverSap,
      octets: settings.hdlcAddressOctets,
      ...(settings.hdlcServerLower === undefined ? {} : { lower: settings.hdlcServerLower }),
    },
    // The last repetition of a frame still has its share of the time that a request may take.
    responseTimeoutMs: Math.ceil(responseTimeoutMs / (retries + 1)),
    retries,
    maxApduBytes,
  });
}

/** Takes whatever addresses the meter calls with: they only name the two ends of this link. */
export function serverLink(framing: LinkFraming, settings: AssociationSettings, maxApduBytes: number): Link {
  if (framing === "wrapper")
    return new WrapperLink({
      role: "server",
      clientWPort: settings.clientSap,
      serverWPort: settings.serverSap,
      acceptAnyAddress: true,
    });
  return new HdlcLink({
    station: "secondary",
    client: { upper: settings.clientSap, octets: 1 },
    server: { upper: settings.serverSap, octets: 1 },
    acceptAnyAddress: true,
    responseTimeoutMs: settings.responseTimeoutMs,
    maxApduBytes,
  });
}

/** What is proposed to the meter, and by which names its objects go. */
export function serviceOptions({
  shortNames = false,
  services,
}: AssociationSettings): Pick<ClientOptions, "shortNames" | "conformance"> {
  return {
    ...(shortNames ? { shortNames: {} } : {}),
    ...(services === undefined ? {} : { conformance: new Set(services) }),
  };
}
