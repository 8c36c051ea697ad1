/** How callers name attributes and methods: an OBIS code in any form, or its six octets. */
import { formatObis, parseObis } from "../cosem/obis.js";
import { type AttributeDescriptor, type MethodDescriptor } from "../xdlms/index.js";

export interface AttributeRef {
  readonly classId: number;
  readonly obis: string | Uint8Array;
  readonly attributeId: number;
}

export interface MethodRef {
  readonly classId: number;
  readonly obis: string | Uint8Array;
  readonly methodId: number;
}

/** @throws DlmsError OBIS_INVALID */
export function attributeDescriptor({ classId, obis, attributeId }: AttributeRef): AttributeDescriptor {
  return { classId, instanceId: logicalName(obis), attributeId };
}

/** @throws DlmsError OBIS_INVALID */
export function methodDescriptor({ classId, obis, methodId }: MethodRef): MethodDescriptor {
  return { classId, instanceId: logicalName(obis), methodId };
}

/** For error messages: `class 3 1-0:1.8.0.255 attribute 2`. */
export function describeTarget({
  classId,
  instanceId,
  ...rest
}: AttributeDescriptor | MethodDescriptor): string {
  const member = "attributeId" in rest ? `attribute ${rest.attributeId}` : `method ${rest.methodId}`;
  return `class ${classId} ${formatObis(instanceId)} ${member}`;
}

function logicalName(obis: string | Uint8Array): Uint8Array {
  return parseObis(typeof obis === "string" ? obis : formatObis(obis), "obis");
}
