/** All interface classes declared here, and look-up by number. */
import { type TypeDescriptor } from "../../axdr/index.js";
import { type InterfaceClass, type NamedAttribute, attributesOf } from "../interface-class.js";
import { account } from "./account.js";
import { activityCalendar } from "./activity-calendar.js";
import { associationLn } from "./association.js";
import { associationSn } from "./association-sn.js";
import { autoAnswer } from "./auto-answer.js";
import { autoConnect } from "./auto-connect.js";
import { charge } from "./charge.js";
import { clock } from "./clock.js";
import { compactData } from "./compact-data.js";
import { credit } from "./credit.js";
import { dataClass } from "./data.js";
import { demandRegister } from "./demand-register.js";
import { disconnectControl } from "./disconnect-control.js";
import { extendedRegister } from "./extended-register.js";
import { gprsModemSetup } from "./gprs-modem-setup.js";
import { gsmDiagnostic } from "./gsm-diagnostic.js";
import { hdlcSetup } from "./hdlc-setup.js";
import { imageTransfer } from "./image-transfer.js";
import { ipv4Setup } from "./ipv4-setup.js";
import { ipv6Setup } from "./ipv6-setup.js";
import { limiter } from "./limiter.js";
import { localPortSetup } from "./local-port-setup.js";
import { macAddressSetup } from "./mac-address-setup.js";
import { mbusClient } from "./mbus-client.js";
import { modemConfiguration } from "./modem-configuration.js";
import { pppSetup } from "./ppp-setup.js";
import { profileGeneric } from "./profile-generic.js";
import { pushSetup } from "./push-setup.js";
import { register } from "./register.js";
import { registerActivation } from "./register-activation.js";
import { registerMonitor } from "./register-monitor.js";
import { sapAssignment } from "./sap-assignment.js";
import { schedule } from "./schedule.js";
import { scriptTable } from "./script-table.js";
import { securitySetup } from "./security-setup.js";
import { singleActionSchedule } from "./single-action-schedule.js";
import { specialDays } from "./special-days.js";
import { tcpUdpSetup } from "./tcp-udp-setup.js";
import { tokenGateway } from "./token-gateway.js";

export {
  account,
  activityCalendar,
  associationLn,
  associationSn,
  autoAnswer,
  autoConnect,
  charge,
  clock,
  compactData,
  credit,
  dataClass,
  demandRegister,
  disconnectControl,
  extendedRegister,
  gprsModemSetup,
  gsmDiagnostic,
  hdlcSetup,
  imageTransfer,
  ipv4Setup,
  ipv6Setup,
  limiter,
  localPortSetup,
  macAddressSetup,
  mbusClient,
  modemConfiguration,
  pppSetup,
  profileGeneric,
  pushSetup,
  register,
  registerActivation,
  registerMonitor,
  sapAssignment,
  schedule,
  scriptTable,
  securitySetup,
  singleActionSchedule,
  specialDays,
  tcpUdpSetup,
  tokenGateway,
};

/** In the order of their numbers. */
export const classes: readonly InterfaceClass[] = [
  dataClass,
  register,
  extendedRegister,
  demandRegister,
  registerActivation,
  profileGeneric,
  clock,
  scriptTable,
  schedule,
  specialDays,
  associationSn,
  associationLn,
  sapAssignment,
  imageTransfer,
  localPortSetup,
  activityCalendar,
  registerMonitor,
  singleActionSchedule,
  hdlcSetup,
  modemConfiguration,
  autoAnswer,
  autoConnect,
  pushSetup,
  tcpUdpSetup,
  ipv4Setup,
  macAddressSetup,
  pppSetup,
  gprsModemSetup,
  gsmDiagnostic,
  ipv6Setup,
  compactData,
  securitySetup,
  disconnectControl,
  limiter,
  mbusClient,
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
