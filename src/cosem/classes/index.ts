/** All interface classes declared here, and look-up by number. */
import { type TypeDescriptor } from "../../axdr/index.js";
import { type InterfaceClass, type NamedAttribute, attributesOf } from "../interface-class.js";
import { account } from "./account.js";
import { associationLn } from "./association.js";
import { charge } from "./charge.js";
import { clock } from "./clock.js";
import { credit } from "./credit.js";
import { dataClass } from "./data.js";
import { demandRegister } from "./demand-register.js";
import { disconnectControl } from "./disconnect-control.js";
import { extendedRegister } from "./extended-register.js";
import { hdlcSetup } from "./hdlc-setup.js";
import { profileGeneric } from "./profile-generic.js";
import { register } from "./register.js";
import { sapAssignment } from "./sap-assignment.js";
import { singleActionSchedule } from "./single-action-schedule.js";
import { tokenGateway } from "./token-gateway.js";

export {
  account,
  associationLn,
  charge,
  clock,
  credit,
  dataClass,
  demandRegister,
  disconnectControl,
  extendedRegister,
  hdlcSetup,
  profileGeneric,
  register,
  sapAssignment,
  singleActionSchedule,
  tokenGateway,
};

/** In the order of their numbers. */
export const classes: readonly InterfaceClass[] = [
  dataClass,
  register,
  extendedRegister,
  demandRegister,
  profileGeneric,
  clock,
  associationLn,
  sapAssignment,
  singleActionSchedule,
  hdlcSetup,
  disconnectControl,
  account,
  credit,
  charge,
  tokenGateway,
];

const byId = new Map(classes.map((declared) => [declared.classId, declared]));

export function classById(classId: number): InterfaceClass | undefined {
  return byId.get(classId);
}

/** The attribute by numbers; undefined for classes and attributes not declared here. */
export function attributeById(classId: number, attributeId: number): NamedAttribute | undefined {
  const declared = byId.get(classId);
  return declared && attributesOf(declared).find((attribute) => attribute.id === attributeId);
}

/** The declared type of an attribute, e.g. to show its octets as a date-time. */
export function attributeType(classId: number, attributeId: number): TypeDescriptor | undefined {
  return attributeById(classId, attributeId)?.type;
}
