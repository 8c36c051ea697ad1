/** Readings as a table: code, value and unit, or why there is none. */
import { element } from "../dom.js";
import { word } from "../words.js";

export interface Reading {
  readonly obisCode: string;
  readonly classId: number;
  readonly attributeId: number;
  readonly value: unknown;
  readonly unit?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

const LONGEST = 2_000;

export function readingsTable(
  readings: readonly Reading[],
  nameOf: (reading: Reading) => string,
): HTMLElement {
  return element("table", {
    class: "dlms-readings",
    children: [
      element("thead", {
        children: [
          element("tr", {
            children: [
              element("th", { text: word("meters.readingHead.what"), attributes: { scope: "col" } }),
              element("th", { text: word("meters.readingHead.value"), attributes: { scope: "col" } }),
            ],
          }),
        ],
      }),
      element("tbody", {
        children: readings.map((reading) =>
          element("tr", {
            children: [
              element("th", { text: nameOf(reading), attributes: { scope: "row" } }),
              element("td", {
                text: valueText(reading),
                ...(reading.error === undefined
                  ? {}
                  : { class: "dlms-trouble", title: reading.error.message }),
              }),
            ],
          }),
        ),
      }),
    ],
  });
}

export function valueText({ value, unit, error }: Reading): string {
  if (error !== undefined) return error.message;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
  return unit === undefined ? short : `${short} ${unit}`;
}
