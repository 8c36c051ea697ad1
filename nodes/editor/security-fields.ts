/** The security fields of a meter type: each is shown, and must be there, only where mechanism and ciphering need it. */
import * as check from "./checks.js";
import { presetHints } from "./preset-hints.js";
import { word } from "./words.js";

const input = (name: string): JQuery => $(`#node-config-input-${name}`);

const withSecret = ["lls", "hls", "hls-md5", "hls-sha1", "hls-sha256"];
const withTitles = ["hls-gmac", "hls-sha256", "hls-ecdsa"];
/** What stands in the field of a credential that was saved before; it is never sent to the editor. */
const SAVED = "__PWRD__";

/** What the choices above the fields say. */
export interface SecurityChoices {
  readonly preset?: string;
  readonly mechanism?: string;
  readonly ciphering?: string;
  readonly secretsFrom?: string;
  readonly signing?: string;
  readonly suite?: string;
  readonly cipheredForm?: string;
  readonly uncheckedTags?: boolean;
}

type KeyName = "unicastKey" | "authenticationKey" | "masterKey";

function loginOf({ mechanism, preset }: SecurityChoices): string {
  return mechanism || presetHints[preset ?? ""]?.mechanism || "none";
}

/** Hexadecimal digits of a key. */
function digitsOf({ suite }: SecurityChoices): number {
  return suite === "2" ? 64 : 32;
}

function presentChoices(): SecurityChoices {
  const names = ["preset", "mechanism", "ciphering", "secretsFrom", "signing", "suite"] as const;
  return Object.fromEntries(names.map((name) => [name, String(input(name).val() ?? "")]));
}

/** @returns whether such a type proves itself or ciphers: then it isn't the public client that calls */
export function showSecurity(): boolean {
  const now = presentChoices();
  const login = loginOf(now);
  const isCiphered = now.ciphering !== "";
  const isHere = now.secretsFrom !== "list";
  const usesKeys = isCiphered || login === "hls-gmac";
  const isSecured = isCiphered || withTitles.includes(login);
  const rows: Readonly<Record<string, boolean>> = {
    "dlms-any-secret": isSecured || withSecret.includes(login),
    "dlms-secret": withSecret.includes(login) && isHere,
    "dlms-vendor-hls": login === "hls",
    "dlms-secured": isSecured,
    "dlms-own-keys": usesKeys && isHere,
    "dlms-unicast": usesKeys && isHere,
    "dlms-authentication": usesKeys && isHere && (now.ciphering !== "encrypted" || login === "hls-gmac"),
    "dlms-curve": login === "hls-ecdsa" || (isCiphered && now.signing !== ""),
    "dlms-counted": usesKeys,
    "dlms-ciphered": isCiphered,
  };
  for (const [name, isShown] of Object.entries(rows)) $(`.${name}`).toggle(isShown);
  const count = digitsOf(now);
  input("unicastKey").attr("placeholder", word("key.unicastKey", { count }));
  input("authenticationKey").attr("placeholder", word("key.authenticationKey", { count }));
  input("masterKey").attr("placeholder", word("key.masterKey", { count }));
  input("secret").attr("placeholder", hasPublished(now) ? word("key.published") : "");
  return isCiphered || !["none", "lls"].includes(login);
}

/** Opens what is folded when something in it is not as usual. */
export function unfoldReadings(): void {
  const more = $("#dlms-readings");
  more.prop("open", more.find("input:checked").length > 0);
}

function hasPublished(choices: SecurityChoices): boolean {
  return loginOf(choices) === "lls" && presetHints[choices.preset ?? ""]?.mechanism === "lls";
}

/** A key's digits are counted by the suite; the runtime needs the same keys. */
export function checkKey(choices: SecurityChoices, name: KeyName, value: unknown): check.Verdict {
  if (value === SAVED || choices.secretsFrom === "list") return true;
  const verdict = check.octets(value, digitsOf(choices) / 2);
  return verdict === true && needsKey(choices, name) ? check.required(value) : verdict;
}

function needsKey(choices: SecurityChoices, name: KeyName): boolean {
  const { ciphering, cipheredForm, uncheckedTags } = choices;
  const isGmac = loginOf(choices) === "hls-gmac";
  if (name === "masterKey") return Boolean(ciphering) && cipheredForm === "wrapped";
  if (name === "unicastKey") return Boolean(ciphering) || isGmac;
  return (isGmac || ciphering?.startsWith("authenticated") === true) && uncheckedTags !== true;
}

export function checkSecret(choices: SecurityChoices, value: unknown): check.Verdict {
  const isNeeded = withSecret.includes(loginOf(choices)) && choices.secretsFrom !== "list";
  if (value === SAVED || !isNeeded || hasPublished(choices)) return true;
  return check.required(value);
}
