/**
 * Heat cost allocators (A = 4), cooling and heat (5, 6), gas (7), cold and hot water (8, 9): the codes in common use
 * (IEC 62056-61, EN 13757-1). Data only. Gas analysis and heat cost ratings beyond these are left out.
 */
import { type Row } from "./pattern.js";

function thermal(a: number, medium: string): Row[] {
  return [
    [`${a}-b:0.0.e`, 1, `${medium} meter ID {e}`],
    [`${a}-b:0.2.0`, 1, `${medium} meter firmware version`],
    [`${a}-b:1.0.0`, 3, `${medium} energy, total`, "Wh"],
    [`${a}-b:1.0.1..63`, 3, `${medium} energy, tariff {e}`, "Wh"],
    [`${a}-b:1.2.e`, 3, `${medium} energy, set date value`, "Wh"],
    [`${a}-b:2.0.e`, 3, `${medium} volume`, "m³"],
    [`${a}-b:3.0.e`, 3, `${medium} mass`, "kg"],
    [`${a}-b:4.0.e`, 3, `${medium} flow volume`, "m³"],
    [`${a}-b:5.0.e`, 3, `${medium} flow mass`, "kg"],
    [`${a}-b:6.0.e`, 3, `${medium} return volume`, "m³"],
    [`${a}-b:7.0.e`, 3, `${medium} return mass`, "kg"],
    [`${a}-b:8.0.e`, 3, `${medium} power`, "W"],
    [`${a}-b:9.0.e`, 3, `${medium} flow rate`, "m³/h"],
    [`${a}-b:10.0.e`, 3, `${medium} flow temperature`, "°C"],
    [`${a}-b:11.0.e`, 3, `${medium} return temperature`, "°C"],
    [`${a}-b:12.0.e`, 3, `${medium} temperature difference`, "K"],
    [`${a}-b:13.0.e`, 3, `${medium} medium pressure`, "bar"],
  ];
}

function water(a: number, medium: string): Row[] {
  return [
    [`${a}-b:0.0.e`, 1, `${medium} meter ID {e}`],
    [`${a}-b:0.2.0`, 1, `${medium} meter firmware version`],
    [`${a}-b:1.0.0`, 3, `${medium} volume, total`, "m³"],
    [`${a}-b:1.0.1..63`, 3, `${medium} volume, tariff {e}`, "m³"],
    [`${a}-b:1.2.e`, 3, `${medium} volume, set date value`, "m³"],
    [`${a}-b:2.0.e`, 3, `${medium} flow rate`, "m³/h"],
    [`${a}-b:3.0.e`, 3, `${medium} temperature`, "°C"],
  ];
}

/** Gas volumes come undisturbed, disturbed and absolute, forward and reverse, as metered, corrected and at base. */
function gasVolumes(): Row[] {
  const flows = [
    "forward, undisturbed",
    "forward, disturbed",
    "forward, absolute",
    "reverse, undisturbed",
    "reverse, disturbed",
    "reverse, absolute",
  ];
  const devices = [
    [0, "meter"],
    [10, "converter"],
    [20, "logger"],
  ] as const;
  const conditions = ["at metering conditions", "corrected", "at base conditions"];
  return devices.flatMap(([base, device]) =>
    flows.flatMap((flow, i) =>
      conditions.map((condition, d): Row => [
        `7-b:${base + i + 1}.${d}.e`,
        3,
        `Gas volume, ${device}, ${flow}, ${condition}`,
        "m³",
      ]),
    ),
  );
}

export const mediaRows: readonly Row[] = [
  ["4-b:1.0.e", 3, "Heat cost allocator, unrated integral"],
  ["4-b:1.2.e", 3, "Heat cost allocator, unrated integral, set date value"],
  ["4-b:2.0.e", 3, "Heat cost allocator, rated integral"],
  ["4-b:2.2.e", 3, "Heat cost allocator, rated integral, set date value"],
  ...thermal(5, "Cooling"),
  ...thermal(6, "Heat"),
  ["7-b:0.0.e", 1, "Gas meter ID {e}"],
  ["7-b:0.2.0", 1, "Gas meter parameter record"],
  ["7-b:0.2.1", 1, "Gas meter firmware version"],
  ...gasVolumes(),
  ["7-b:31..36.d.e", 3, "Gas energy", "Wh"],
  ["7-b:41.d.e", 3, "Gas temperature", "°C"],
  ["7-b:42.d.e", 3, "Gas pressure", "bar"],
  ["7-b:43.d.e", 3, "Gas flow rate", "m³/h"],
  ["7-b:45.d.e", 3, "Gas density"],
  ["7-b:46.d.e", 3, "Gas relative density"],
  ["7-b:51.d.e", 3, "Gas correction factor"],
  ["7-b:52.d.e", 3, "Gas conversion factor"],
  ["7-b:53.d.e", 3, "Gas compressibility factor"],
  ["7-b:54.d.e", 3, "Gas calorific value", "J/m³"],
  ...water(8, "Cold water"),
  ...water(9, "Hot water"),
];
