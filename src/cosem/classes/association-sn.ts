/**
 * Association SN, class 12: the object list by short names, and what a short-name client calls instead of class 15's
 * methods. Which version brought what is not declared: see docs/classes.md. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { attributeReference, placeholder } from "./common.js";

const objectListElement = t.structure({
  baseName: t.long,
  classId: t.longUnsigned,
  version: t.unsigned,
  logicalName: t.logicalName,
});

const accessRightsElement = t.structure({
  baseName: t.long,
  attributeAccess: t.array(
    t.structure({
      attributeId: t.integer,
      accessMode: t.enum(),
      accessSelectors: t.oneOf(t.null, t.array(t.integer)),
    }),
  ),
  methodAccess: t.array(t.structure({ methodId: t.integer, accessMode: t.oneOf(t.enum(), t.boolean) })),
});

const objectName = t.structure({ classId: t.longUnsigned, logicalName: t.logicalName });

const user = t.structure({ userId: t.unsigned, userName: t.oneOf(t.visibleString, t.octetString) });

export const associationSn = interfaceClass({
  classId: 12,
  version: 4,
  name: "Association SN",
  attributes: {
    objectList: { id: 2, type: t.array(objectListElement) },
    accessRightsList: { id: 3, type: t.array(accessRightsElement) },
    securitySetupReference: { id: 4, type: t.logicalName },
  },
  methodOffset: 0x20,
  methods: {
    getListByClassId: { id: 1, parameter: t.array(t.longUnsigned), returns: t.array(objectListElement) },
    getObjectByLogicalName: { id: 2, parameter: t.array(objectName), returns: t.array(objectListElement) },
    readByLogicalName: {
      id: 3,
      parameter: t.array(attributeReference),
      returns: t.any,
    },
    getAttributesAndMethods: { id: 4, parameter: t.array(objectName), returns: t.any },
    changeLlsSecret: { id: 5, parameter: t.octetString },
    changeHlsSecret: { id: 6, parameter: t.octetString },
    getHlsChallenge: { id: 7, parameter: placeholder, returns: t.octetString },
    replyToHlsAuthentication: { id: 8, parameter: t.octetString, returns: t.octetString },
    addUser: { id: 9, parameter: user },
    removeUser: { id: 10, parameter: user },
  },
});
