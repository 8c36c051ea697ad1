/**
 * OBIS codes offered while typing. Suggestions only: any code may be entered, and the runtime's dictionary knows far
 * more of them.
 */
export const commonCodes: readonly { readonly code: string; readonly word: string }[] = [
  { code: "1-0:1.8.0.255", word: "energyImport" },
  { code: "1-0:2.8.0.255", word: "energyExport" },
  { code: "1-0:1.7.0.255", word: "powerImport" },
  { code: "1-0:32.7.0.255", word: "voltageL1" },
  { code: "1-0:52.7.0.255", word: "voltageL2" },
  { code: "1-0:72.7.0.255", word: "voltageL3" },
  { code: "1-0:31.7.0.255", word: "currentL1" },
  { code: "1-0:51.7.0.255", word: "currentL2" },
  { code: "1-0:71.7.0.255", word: "currentL3" },
  { code: "1-0:13.7.0.255", word: "powerFactor" },
  { code: "1-0:14.7.0.255", word: "frequency" },
  { code: "1-0:99.1.0.255", word: "loadProfile" },
  { code: "0-0:1.0.0.255", word: "clock" },
  { code: "0-0:42.0.0.255", word: "deviceName" },
  { code: "0-0:96.1.0.255", word: "serialNumber" },
  { code: "0-0:96.3.10.255", word: "relay" },
  { code: "1-0:96.66.0.255", word: "creditHexcell" },
  { code: "0-0:19.10.0.255", word: "credit" },
];
