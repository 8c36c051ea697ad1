/** What a meter was asked and answered, in one line for people. Written values are left out: they may be tokens. */
import { formatObis } from "../cosem/obis.js";
import { type ServiceRequest, type ServiceResponse } from "../association/service.js";
import { type AssociationInfo } from "../association/session-types.js";

const SHOWN = 3;
const VERBS = { get: "read", set: "written", action: "called", access: "accessed" } as const;

export function describeRequest(request: ServiceRequest, response: ServiceResponse): string {
  const names = request.items.map((item) =>
    "method" in item
      ? `${formatObis(item.method.instanceId)} method ${item.method.methodId}`
      : `${formatObis(item.attribute.instanceId)} attribute ${item.attribute.attributeId}`,
  );
  const results = outcomes(response);
  const shown = names.slice(0, SHOWN).map((name, i) => {
    const result = results[i];
    return result === "success" ? name : `${name} (${result})`;
  });
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return `${VERBS[request.type]} ${shown.join(", ")}${more}`;
}

export function describeAssociation({ clientSap, mechanism, reversed, ciphering }: AssociationInfo): string {
  if (reversed) return "the gateway asks from now on";
  const proof = { none: "no password", lls: "password" }[mechanism as string] ?? mechanism;
  return `associated with client ${clientSap} (${proof}${ciphering === undefined ? "" : ", ciphered"})`;
}

function outcomes(response: ServiceResponse): (string | number)[] {
  switch (response.type) {
    case "get":
      return response.results.map((result) => (result.type === "data" ? "success" : result.error));
    case "set":
      return [...response.results];
    case "action":
      return response.results.map(({ result }) => result);
    case "access":
      return response.results.map((item) => {
        if (item.service !== "get") return item.result;
        return item.result.type === "data" ? "success" : item.result.error;
      });
  }
}
