/** The standard objects that act, one of each class at least, which the maker's list does not have. */
import { parseObis } from "../../cosem/obis.js";
import { activityCalendar } from "./activity-calendar.js";
import { communicationObjects } from "./communication.js";
import { compactData } from "./compact-data.js";
import { debtCharge, standingCharge } from "./charges.js";
import { emergencyCredit } from "./credits.js";
import { demandRegister, maximumDemandRegister } from "./demand.js";
import { imageTransfer } from "./image-transfer.js";
import { limiter } from "./limiter.js";
import { mbusClient, mbusValue } from "./mbus.js";
import { pushSetup } from "./push-setup.js";
import { registerMonitor } from "./register-monitor.js";
import { registerActivation, tariffRegisters } from "./register-activation.js";
import { schedule } from "./schedule.js";
import { scriptTableObjects } from "./script-tables.js";
import { specialDays } from "./special-days.js";
import { type MeterObject } from "./attributes.js";
import { billingProfile } from "./profiles.js";
import { singleActionSchedules } from "./single-actions.js";

const billed = [
  [8, "0-0:1.0.0.255", 2],
  [3, "1-0:1.8.0.255", 2],
  [3, "1-0:1.8.1.255", 2],
  [3, "1-0:1.8.2.255", 2],
  [3, "1-0:1.8.3.255", 2],
  [3, "1-0:1.8.4.255", 2],
  [4, "1-0:1.6.0.1", 2],
  [4, "1-0:1.6.0.1", 5],
].map(([classId, obis, attributeId]) => ({
  classId: classId as number,
  logicalName: parseObis(obis as string),
  attributeId: attributeId as number,
}));

export const standardObjects: readonly MeterObject[] = [
  imageTransfer,
  pushSetup,
  mbusClient,
  mbusValue,
  emergencyCredit,
  debtCharge,
  standingCharge,
  activityCalendar,
  specialDays,
  schedule,
  ...scriptTableObjects,
  ...singleActionSchedules,
  registerActivation,
  ...tariffRegisters,
  demandRegister,
  maximumDemandRegister,
  limiter,
  registerMonitor,
  compactData,
  ...communicationObjects,
  billingProfile(parseObis("0-0:98.1.0.255"), billed),
];
