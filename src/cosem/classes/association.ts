/**
 * Association LN, class 15: who may do what; the object list. Access modes mean other things from version 3 on
 * (../object-list.ts). Names of application context and mechanism come as structure or as encoded octets. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

/** Meters write method access as boolean (version 0) or enum, selectors as null or an array. */
const accessRights = t.structure({
  attributeAccess: t.array(
    t.structure({
      attributeId: t.integer,
      accessMode: t.enum(),
      accessSelectors: t.oneOf(t.null, t.array(t.integer)),
    }),
  ),
  methodAccess: t.array(t.structure({ methodId: t.integer, accessMode: t.oneOf(t.enum(), t.boolean) })),
});

const objectListElement = t.structure({
  classId: t.longUnsigned,
  version: t.unsigned,
  logicalName: t.logicalName,
  accessRights,
});

/** The seven arcs of a DLMS UA object identifier; the last two tell what is named. */
const objectIdentifier = t.oneOf(
  t.structure({
    jointIsoCtt: t.unsigned,
    country: t.unsigned,
    countryName: t.longUnsigned,
    identifiedOrganization: t.unsigned,
    dlmsUa: t.unsigned,
    kind: t.unsigned,
    id: t.unsigned,
  }),
  t.octetString,
);

const user = t.structure({ userId: t.unsigned, userName: t.oneOf(t.visibleString, t.octetString) });

export const associationLn = interfaceClass({
  classId: 15,
  version: 3,
  name: "Association LN",
  attributes: {
    objectList: { id: 2, type: t.array(objectListElement), selectors: [1, 2, 3, 4] },
    associatedPartnersId: {
      id: 3,
      type: t.structure({ clientSap: t.oneOf(t.integer, t.unsigned), serverSap: t.longUnsigned }),
    },
    applicationContextName: { id: 4, type: objectIdentifier },
    xdlmsContextInfo: {
      id: 5,
      type: t.structure({
        conformance: t.bitString,
        maxReceivePduSize: t.longUnsigned,
        maxSendPduSize: t.longUnsigned,
        dlmsVersionNumber: t.unsigned,
        qualityOfService: t.integer,
        cypheringInfo: t.octetString,
      }),
    },
    authenticationMechanismName: { id: 6, type: objectIdentifier },
    secret: { id: 7, type: t.octetString },
    associationStatus: {
      id: 8,
      type: t.enum({ "non-associated": 0, "association-pending": 1, associated: 2 }),
    },
    securitySetupReference: { id: 9, type: t.logicalName, since: 1 },
    userList: { id: 10, type: t.array(user), since: 2 },
    currentUser: { id: 11, type: user, since: 2 },
  },
  methodOffset: 0x60,
  methods: {
    replyToHlsAuthentication: { id: 1, parameter: t.octetString, returns: t.octetString },
    changeHlsSecret: { id: 2, parameter: t.octetString },
    addObject: { id: 3, parameter: objectListElement },
    removeObject: { id: 4, parameter: objectListElement },
    addUser: { id: 5, parameter: user, since: 2 },
    removeUser: { id: 6, parameter: user, since: 2 },
  },
});
