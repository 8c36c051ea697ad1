/** Breaches of the standard that the decoders accept: each must stand in deviations.json with its owner. */
import { type Acse } from "../../acse/index.js";
import { type Apdu } from "../../xdlms/index.js";

export function toleratedIn(apdu: Acse | Apdu): string[] {
  switch (apdu.type) {
    case "aarq":
    case "aare":
    case "rlrq":
    case "rlre":
      return inAcse(apdu);
    case "initiate-request":
    case "initiate-response":
      return apdu.conformanceTagShort === true ? ["the conformance tag lacks its second octet"] : [];
    case "event-notification":
      return (apdu.timePresence ?? 1) > 1 ? ["the presence octet of the time is neither 00 nor 01"] : [];
    case "get-response":
      return junkIn(apdu.response);
    case "set-response":
      return apdu.response.type === "last-datablock" && apdu.response.blockNumber === undefined
        ? ["the block number is missing"]
        : junkIn(apdu.response);
    case "action-response":
      return apdu.response.type === "normal" && apdu.response.returnParametersMissing === true
        ? ["the presence octet of the return parameters is missing"]
        : [];
    default:
      return [];
  }
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
