/**
 * Where the declarations of interface classes rest on one source only, are not certain, or had to choose between
 * sources; and the classes that are known by name alone. Source of docs/classes.md.
 */

export interface ClassNote {
  readonly classId: number;
  /** `not certain`: no source confirms it. `one source`: nothing independent does. `conflict`: sources disagree. */
  readonly state: "not certain" | "one source" | "conflict";
  readonly subject: string;
  /** What is declared, and which setting or request changes it. */
  readonly declared: string;
}

const passedOn = "as declared; a value of another type is passed on as it came";

function note(classId: number, state: ClassNote["state"], subject: string, declared: string): ClassNote {
  return { classId, state, subject, declared };
}

export const classNotes: readonly ClassNote[] = [
  note(6, "not certain", "parameters of methods 1 to 3", "elements of the attributes that they change"),
  note(
    7,
    "conflict",
    "bounds of a range as octet-string, date-time or seconds",
    "the form of the meter's own clock column; see standards.md",
  ),
  note(10, "not certain", "elements of an entry; parameters of the methods", passedOn),
  note(
    12,
    "not certain",
    "types of all members, and from which version on each exists",
    "all in every version; " + passedOn,
  ),
  note(
    12,
    "not certain",
    "attributes of users and of the current user in later versions",
    "methods 9 and 10 only; read them by number",
  ),
  note(
    15,
    "one source",
    "elements of associated_partners_id",
    "client as integer or unsigned, server as long-unsigned",
  ),
  note(15, "not certain", "selectors 1 to 4 of object_list", "named, never used by the client"),
  note(
    15,
    "conflict",
    "method access as boolean or enum; what access modes mean from version 3 on",
    "both types; the mode is read by the version in the object list",
  ),
  note(
    17,
    "conflict",
    "connect_logical_device is method 1 or 3",
    "1; an action request by number reaches the other",
  ),
  note(23, "conflict", "information field lengths of one octet or two", "both"),
  note(27, "not certain", "version 0: initialization strings without a delay", "both forms"),
  note(28, "not certain", "elements of list_of_allowed_callers", passedOn),
  note(29, "one source", "numbers of the modes", "names for the known ones; any other number passes"),
  note(
    40,
    "not certain",
    "content of push_protection_parameters; version 2: columns",
    "protection options as any value; columns as capture objects",
  ),
  note(42, "not certain", "elements of IP_options", passedOn),
  note(43, "conflict", "six octets by the standard, eight from a recorded peer", "any length"),
  note(
    44,
    "not certain",
    "elements of the option lists; content of PPP_authentication",
    "option data and authentication as any value",
  ),
  note(47, "one source", "the whole class", "attributes as that source has them"),
  note(
    47,
    "not certain",
    "types of all attributes; cell_info by version",
    "the short and the long form; " + passedOn,
  ),
  note(48, "one source", "the whole class", "attributes and methods as that source has them"),
  note(48, "not certain", "elements of neighbor_discovery; parameters of the methods", passedOn),
  note(62, "one source", "the whole class", "attributes and methods as that source has them"),
  note(62, "not certain", "types of all attributes; version 1: columns", passedOn),
  note(64, "conflict", "short names: method 1 at 30 or at 28 (hexadecimal)", "no offset"),
  note(64, "not certain", "types from method 3 on, and of certificates", passedOn),
  note(64, "one source", "key 3, the master key, in a key transfer", "named like the others"),
  note(70, "one source", "mode 7 of control_mode", "shown as its number"),
  note(
    70,
    "not certain",
    "local reconnect from disconnected in mode 7; what version 1 changes",
    "one declaration for both versions",
  ),
  note(71, "one source", "the whole class", "attributes as that source has them"),
  note(
    72,
    "not certain",
    "types other than those of identification number and manufacturer; parameters of the methods",
    passedOn,
  ),
  note(72, "not certain", "whether configuration, too, came with version 1 only", "with version 1"),
  note(
    111,
    "not certain",
    "which bit of current_credit_status is sent first; recorded peers send seven bits or eight",
    "the bit-string as sent, no bit interpreted",
  ),
  note(113, "conflict", "order inside commodity_reference", "both orders"),
  note(
    115,
    "conflict",
    "twenty digits as packed BCD, as ASCII or in a maker's form",
    "octet-string; `tokenRule.encoding` of the meter type says which",
  ),
  note(
    115,
    "not certain",
    "whether enter returns something; one recorded peer does",
    "nothing; a returned value is passed on",
  ),
];

/** Known by name and number; their objects are read and written as plain Data. */
export const namedClasses: Readonly<Record<string, string>> = {
  "24": "twisted pair",
  "25": "M-Bus slave port",
  "26": "utility tables",
  "30": "data protection",
  "46": "SMTP (conflict: one source numbers it 2)",
  "50-59": "S-FSK/LLC",
  "61": "register table",
  "63": "status mapping",
  "65": "parameter monitor",
  "67": "sensor manager",
  "68": "arbitrator",
  "73": "M-Bus",
  "74": "M-Bus",
  "76": "M-Bus",
  "77": "M-Bus",
  "80-86": "PRIME",
  "90-92": "G3",
  "95-98": "Wi-SUN",
  "100": "NTP",
  "101-105": "ZigBee",
  "116": "IEC 62055-41 attributes (one source)",
  "122": "function control",
  "123": "array manager",
  "124": "communication port protection",
  "126-129": "LPWAN",
  "130-133": "IEC 14908",
  "140-143": "HS-PLC",
  "151": "LTE monitoring",
  "152": "CoAP (one source)",
  "153": "CoAP (one source)",
};
