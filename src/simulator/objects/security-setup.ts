/**
 * Security setup (class 64, version 1, 0-0:43.0.0.255) of a meter that ciphers: suite, policy and titles,
 * security_activate, key_transfer, key agreement, key pairs and certificates; and the invocation counter that it has
 * seen last, which the public client may read. Changes hold from the next association on.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { fromLatin1 } from "../../bytes/hex.js";
import { securitySetup as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type ActionResult } from "../../xdlms/index.js";
import {
  MeterCertificates,
  type Sought,
  type StoredCertificate,
  type Use,
  uses,
} from "../meter-certificates.js";
import { secretsOf } from "../meter-secrets.js";
import { type MeterState } from "../meter-state.js";
import { type MethodResult } from "../object-store.js";
import { perMeter } from "../per-meter.js";
import { type MeterMethod, type MeterObject, readOnly } from "./attributes.js";
import { elementsOf, numberOf, octetsOf } from "./kept.js";

/** Where meters show their counter unless their type says otherwise. */
export const USUAL_COUNTER_OBIS = "0-0:43.1.0.255";
const NOTHING = new Uint8Array(0);

const certificatesOf = perMeter((meter) => {
  const secrets = secretsOf(meter);
  return secrets === undefined ? undefined : new MeterCertificates(secrets, meter.options.seed);
});

/** A method of key pairs and certificates; its parameter is checked against the declaration. */
function withCertificates<N extends keyof typeof declared.methods>(
  name: N,
  act: (certificates: MeterCertificates, parameter: Data) => ActionResult | MethodResult,
): MeterMethod {
  const { id, parameter: type } = declared.methods[name];
  return {
    id,
    invoke: (meter, parameter) => {
      if (parameter === undefined || type.check(parameter) !== undefined) return "type-unmatched";
      const certificates = certificatesOf(meter);
      return certificates === undefined ? "other-reason" : act(certificates, parameter);
    },
  };
}

function useOf(parameter: Data | undefined): Use | undefined {
  return uses[numberOf(parameter)];
}

/** {identification_type, {entity, use, system title} or {serial number, issuer}} */
function soughtBy(parameter: Data): Sought | undefined {
  const [type, identification] = elementsOf(parameter);
  const parts = elementsOf(identification);
  if (numberOf(type) === 0 && parts.length === 3)
    return {
      by: "entity",
      entity: numberOf(parts[0]),
      use: useOf(parts[1]),
      systemTitle: octetsOf(parts[2]),
    };
  if (numberOf(type) === 1 && parts.length === 2)
    return { by: "serial", serialNumber: octetsOf(parts[0]), issuer: octetsOf(parts[1]) };
  return undefined;
}

function listed({ entity, use, serialNumber, issuer, subject }: StoredCertificate): Data {
  return data.structure([
    data.enum(entity),
    data.enum(uses.indexOf(use)),
    data.octetString(serialNumber),
    data.octetString(fromLatin1(issuer)),
    data.octetString(fromLatin1(subject)),
    data.octetString(NOTHING),
  ]);
}

/** Array of {key_id, octets}. */
function keysIn(parameter: Data): { id: number; data: Uint8Array }[] {
  return elementsOf(parameter).map((each) => {
    const [id, octets] = elementsOf(each);
    return { id: numberOf(id), data: octetsOf(octets) };
  });
}

function transfer(meter: MeterState, parameter: Data | undefined, t: number): ActionResult {
  if (parameter === undefined || declared.methods.keyTransfer.parameter.check(parameter) !== undefined)
    return "type-unmatched";
  const wrapped = keysIn(parameter).map(({ id, data: octets }) => ({ id, wrapped: octets }));
  if (wrapped.length === 0 || secretsOf(meter)?.transfer(wrapped) !== true) return "read-write-denied";
  meter.note(t, "security", "keys changed");
  return "success";
}

export const securitySetup: MeterObject = {
  classId: declared.classId,
  version: 1,
  logicalName: parseObis("0-0:43.0.0.255"),
  attributes: [
    readOnly(2, (meter) => data.enum(secretsOf(meter)?.policy ?? 0)),
    readOnly(3, (meter) => data.enum(secretsOf(meter)?.suite ?? 0)),
    readOnly(4, (meter) => data.octetString(secretsOf(meter)?.clientSystemTitle ?? NOTHING)),
    readOnly(5, (meter) => data.octetString(secretsOf(meter)?.systemTitle ?? NOTHING)),
    readOnly(6, (meter) => data.array(certificatesOf(meter)?.stored.map(listed) ?? [])),
  ],
  methods: [
    {
      id: 1,
      invoke: (meter, parameter, { t }) => {
        if (parameter?.type !== "enum") return "type-unmatched";
        if (secretsOf(meter)?.raisePolicy(parameter.value) !== true) return "read-write-denied";
        meter.note(t, "security", "security policy raised");
        return "success";
      },
    },
    { id: 2, invoke: (meter, parameter, { t }) => transfer(meter, parameter, t) },
    withCertificates("keyAgreement", (certificates, parameter) => {
      const agreed = certificates.agree(keysIn(parameter));
      if (agreed === undefined) return "other-reason";
      const ours = agreed.map(({ id, data: octets }) =>
        data.structure([data.enum(id), data.octetString(octets)]),
      );
      return { result: "success", returned: data.array(ours) };
    }),
    withCertificates("generateKeyPair", (certificates, parameter) => {
      const use = useOf(parameter);
      return use !== undefined && certificates.generate(use) ? "success" : "other-reason";
    }),
    withCertificates("generateCertificateRequest", (certificates, parameter) => {
      const use = useOf(parameter);
      const request = use === undefined ? undefined : certificates.request(use);
      if (request === undefined) return "other-reason";
      return { result: "success", returned: data.octetString(request) };
    }),
    withCertificates("importCertificate", (certificates, parameter) =>
      certificates.import(octetsOf(parameter)) ? "success" : "other-reason",
    ),
    withCertificates("exportCertificate", (certificates, parameter) => {
      const sought = soughtBy(parameter);
      const found = sought === undefined ? undefined : certificates.find(sought);
      if (found === undefined) return "other-reason";
      return { result: "success", returned: data.octetString(found.der) };
    }),
    withCertificates("removeCertificate", (certificates, parameter) => {
      const sought = soughtBy(parameter);
      return sought !== undefined && certificates.remove(sought) ? "success" : "other-reason";
    }),
  ],
};

export function counterObject(obis: string): MeterObject {
  return {
    classId: 1,
    version: 0,
    logicalName: parseObis(obis),
    open: true,
    attributes: [readOnly(2, (meter) => data.doubleLongUnsigned(secretsOf(meter)?.lastCounter ?? 0))],
  };
}
