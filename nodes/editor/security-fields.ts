/** The security fields of a meter type: each is shown only where mechanism and ciphering need it. */
const input = (name: string): JQuery => $(`#node-config-input-${name}`);

const withSecret = ["lls", "hls", "hls-md5", "hls-sha1", "hls-sha256"];
const withTitles = ["hls-gmac", "hls-sha256", "hls-ecdsa"];

/** @param mechanism the one that counts: chosen, or the preset's. */
export function showSecurity(mechanism: string | undefined): void {
  const login = mechanism ?? "none";
  const ciphering = String(input("ciphering").val() ?? "");
  const isCiphered = ciphering !== "";
  const isHere = input("secretsFrom").val() !== "list";
  const isSecured = isCiphered || withTitles.includes(login);
  const usesKeys = isCiphered || login === "hls-gmac";
  const rows: Readonly<Record<string, boolean>> = {
    "dlms-any-secret": isSecured || withSecret.includes(login),
    "dlms-secret": withSecret.includes(login) && isHere,
    "dlms-vendor-hls": login === "hls",
    "dlms-secured": isSecured,
    "dlms-own-keys": usesKeys && isHere,
    "dlms-unicast": usesKeys && isHere,
    "dlms-authentication": usesKeys && isHere && (ciphering !== "encrypted" || login === "hls-gmac"),
    "dlms-curve": login === "hls-ecdsa" || (isCiphered && String(input("signing").val() ?? "") !== ""),
    "dlms-counted": usesKeys,
    "dlms-ciphered": isCiphered,
  };
  for (const [name, isShown] of Object.entries(rows)) $(`.${name}`).toggle(isShown);
}
