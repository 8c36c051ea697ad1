/**
 * The COSEM session of a simulated meter on a new connection: link and association as its meter type says. A meter
 * is the server; one that opens the association itself starts as client and is asked over the reverse link.
 */
import { fullConformance } from "../association/association.js";
import { GatewayLink } from "../association/gateway-link.js";
import { Session } from "../association/session.js";
import { type AcceptRule } from "../association/session-types.js";
import { HdlcLink } from "../hdlc/link.js";
import { type HdlcAddress } from "../hdlc/address.js";
import { type AssociationSettings } from "../meter-types/meter-type.js";
import { WrapperLink } from "../wrapper/link.js";
import { FaultyLink, type Faults } from "./faults.js";
import { framingOf, type SimulatedMeterOptions } from "./meter-options.js";
import { type MeterSecrets } from "./meter-secrets.js";
import { type MeterState } from "./meter-state.js";
import { type ObjectStore } from "./object-store.js";
import { shortNamesOf } from "./objects/association-sn.js";

const DEFAULT_MAX_PDU = 1_024;

export function meterSession(
  options: SimulatedMeterOptions,
  model: ObjectStore<MeterState>,
  secrets: MeterSecrets | undefined,
  faults: () => Faults,
): Session {
  const { association } = options.meterType;
  const asksFirst = options.dialect.opening === "request";
  const maxPdu = options.maxPdu ?? DEFAULT_MAX_PDU;
  const { behind, shortNames = false } = association;
  const plain =
    framingOf(options) === "hdlc" ? hdlcLink(options, asksFirst) : wrapperLink(options, asksFirst);
  const reached =
    behind === undefined ? plain : new GatewayLink(plain, asksFirst ? "client" : "server", behind);
  const link = new FaultyLink(reached, faults);
  const own = (): AcceptRule => secrets?.rule ?? plainRule(association);
  const traced = options.trace === undefined ? {} : { trace: options.trace };
  return asksFirst
    ? new Session({
        role: "client",
        link,
        client: {
          ...own(),
          get notifying() {
            return secrets?.notifying;
          },
          maxReceivePdu: maxPdu,
        },
        ...traced,
      })
    : new Session({
        role: "server",
        link,
        server: {
          // Secrets may be changed while the link stands; what is new holds from the next association on.
          get accept() {
            return acceptRules(own(), association);
          },
          get notifying() {
            return secrets?.notifying;
          },
          // Whatever a client knows of it.
          conformance: fullConformance,
          ...(shortNames ? { shortNames: { objects: shortNamesOf(model) } } : {}),
          maxReceivePdu: maxPdu,
          maxSendPdu: maxPdu,
        },
        ...traced,
      });
}

/** Without ciphering and HLS. */
function plainRule({ mechanism, secret }: AssociationSettings): AcceptRule {
  return { mechanism, ...(secret === undefined ? {} : { secret }) };
}

/** The client of the meter type, and beside it the public one without password. */
function acceptRules(rule: AcceptRule, { clientSap, publicClientSap }: AssociationSettings): AcceptRule[] {
  const own: AcceptRule = { ...rule, clientSap };
  return clientSap === publicClientSap ? [own] : [own, { clientSap: publicClientSap, mechanism: "none" }];
}

function wrapperLink({ meterType, trace }: SimulatedMeterOptions, asksFirst: boolean): WrapperLink {
  const { clientSap, serverSap } = meterType.association;
  return new WrapperLink({
    role: asksFirst ? "client" : "server",
    clientWPort: clientSap,
    serverWPort: serverSap,
    acceptAnyAddress: !asksFirst,
    ...(trace === undefined ? {} : { trace }),
  });
}

function hdlcLink({ meterType, hdlc, trace }: SimulatedMeterOptions, asksFirst: boolean): HdlcLink {
  const { clientSap, serverSap, hdlcServerLower, hdlcAddressOctets } = meterType.association;
  const client: HdlcAddress = { upper: clientSap, octets: 1 };
  const server: HdlcAddress = {
    upper: serverSap,
    octets: hdlcAddressOctets,
    ...(hdlcServerLower === undefined ? {} : { lower: hdlcServerLower }),
  };
  return new HdlcLink({
    station: asksFirst ? "primary" : "secondary",
    client,
    server,
    acceptAnyAddress: !asksFirst,
    ...(hdlc?.maxInfo === undefined ? {} : { maxInfoTransmit: hdlc.maxInfo, maxInfoReceive: hdlc.maxInfo }),
    ...(hdlc?.window === undefined ? {} : { windowTransmit: hdlc.window, windowReceive: hdlc.window }),
    ...(trace === undefined ? {} : { trace }),
  });
}
