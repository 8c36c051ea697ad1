/** Breaches of the standard that the decoders accept: each must stand in deviations.json with its owner. */
import { type Acse } from "../../acse/index.js";
import { type Apdu } from "../../xdlms/index.js";

export function toleratedIn(apdu: Acse | Apdu): string[] {
  const { type } = apdu;
  if (type === "aarq" || type === "aare" || type === "rlrq" || type === "rlre") return inAcse(apdu);
  if (type === "initiate-request" || type === "initiate-response")
    return apdu.conformanceTagShort === true ? ["the conformance tag lacks its second octet"] : [];
  if (type === "event-notification")
    return (apdu.timePresence ?? 1) > 1 ? ["the presence octet of the time is neither 00 nor 01"] : [];
  if (type === "get-response") return junkIn(apdu.response);
  if (type === "set-response") {
    const { response } = apdu;
    const numberless = response.type === "last-datablock" && response.blockNumber === undefined;
    return numberless ? ["the block number is missing"] : junkIn(response);
  }
  if (type !== "action-response" || apdu.response.type !== "normal") return [];
  return apdu.response.returnParametersMissing === true
    ? ["the presence octet of the return parameters is missing"]
    : [];
}

function inAcse(acse: Acse): string[] {
  if ("malformed" in acse) return ["the elements of the release do not decode"];
  const { form } = acse;
  if (form === undefined) return [];
  return [
    ...(form.order === undefined ? [] : ["elements are out of order"]),
    ...(form.kept === undefined ? [] : ["an element is unknown or not in its shortest form"]),
  ];
}

function junkIn(response: object): string[] {
  return "junk" in response ? ["octets follow the block"] : [];
}
