/**
 * Security setup, class 64: policy, suite, titles, keys and certificates. The policy is a number of levels in version
 * 0, bits from version 1 on; its offset by short names differs between makers. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

/** Which key a transfer replaces. */
const keyId = t.enum({ "unicast-encryption": 0, "broadcast-encryption": 1, authentication: 2, master: 3 });

const keyData = t.array(t.structure({ keyId, keyData: t.octetString }));

const certificate = t.structure({
  entity: t.enum({ server: 0, client: 1, "certification-authority": 2, other: 3 }),
  type: t.enum({ "digital-signature": 0, "key-agreement": 1, tls: 2, other: 3 }),
  serialNumber: t.octetString,
  issuer: t.octetString,
  subject: t.octetString,
  subjectAltName: t.octetString,
});

/** By entity, or by serial number and issuer. */
const certificateIdentification = t.structure({
  identificationType: t.enum({ "by-entity": 0, "by-serial-number": 1 }),
  identification: t.oneOf(
    t.structure({ entity: t.enum(), type: t.enum(), systemTitle: t.octetString }),
    t.structure({ serialNumber: t.octetString, issuer: t.octetString }),
  ),
});

export const securitySetup = interfaceClass({
  classId: 64,
  version: 1,
  name: "Security setup",
  attributes: {
    securityPolicy: { id: 2, type: t.enum() },
    securitySuite: { id: 3, type: t.enum() },
    clientSystemTitle: { id: 4, type: t.octetString },
    serverSystemTitle: { id: 5, type: t.octetString },
    certificates: { id: 6, type: t.array(certificate), since: 1 },
  },
  methods: {
    securityActivate: { id: 1, parameter: t.enum() },
    keyTransfer: { id: 2, parameter: t.array(t.structure({ keyId, keyWrapped: t.octetString })) },
    keyAgreement: { id: 3, parameter: keyData, returns: keyData, since: 1 },
    generateKeyPair: { id: 4, parameter: t.enum(), since: 1 },
    generateCertificateRequest: { id: 5, parameter: t.enum(), returns: t.octetString, since: 1 },
    importCertificate: { id: 6, parameter: t.octetString, since: 1 },
    exportCertificate: { id: 7, parameter: certificateIdentification, returns: t.octetString, since: 1 },
    removeCertificate: { id: 8, parameter: certificateIdentification, since: 1 },
  },
});
