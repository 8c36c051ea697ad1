/** What a value of an object typically looks like: by its unit, else by its class. For the eye only. */
import { type PickObject } from "./objects.js";
import { word } from "../words.js";

const byUnit: Readonly<Record<string, string>> = {
  Wh: "1234567",
  varh: "234567",
  VAh: "1300000",
  W: "1520",
  var: "310",
  VA: "1550",
  V: "230.4",
  A: "6.61",
  Hz: "50.02",
  Ah: "5210",
  "m³": "812.46",
  "m³/h": "1.25",
  kg: "640",
  K: "18.4",
  "°C": "21.5",
  "°": "120",
  bar: "1.02",
  s: "900",
  h: "4380",
  d: "30",
  dBm: "-79",
};

const byClass: Readonly<Record<number, string>> = {
  7: "rows",
  8: "time",
  70: "connected",
};

/** Empty when nothing sensible can be said. */
export function exampleOf({ classId, unit }: Pick<PickObject, "classId" | "unit">): string {
  const key = classId === undefined ? undefined : byClass[classId];
  if (key !== undefined) return word(`picker.example.${key}`);
  const value = unit === undefined ? undefined : byUnit[unit];
  return value === undefined ? "" : `${value} ${unit}`;
}
