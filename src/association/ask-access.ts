/**
 * The asking side of ACCESS: GETs, SETs and ACTIONs in one request, one result each. ACCESS has no blocks of its own;
 * what doesn't fit the PDU takes general block transfer. Leaves out the date-time of the request.
 */
import { type Data } from "../axdr/data.js";
import { DlmsError } from "../core/errors.js";
import {
  type AccessResponse,
  type AccessResult,
  type AccessSpecification,
  type Apdu,
} from "../xdlms/index.js";
import {
  type AccessItem,
  type AccessItemResult,
  type ExchangeContext,
  type ServiceRequest,
  type ServiceResponse,
  unexpected,
} from "./service.js";

type AccessServiceRequest = Extract<ServiceRequest, { readonly type: "access" }>;

const nothing: Data = { type: "null-data" };

export function* askAccess(
  { items, breakOnError = false }: AccessServiceRequest,
  { invoke, conformance }: ExchangeContext,
): Generator<Apdu, ServiceResponse, Apdu> {
  if (!conformance.has("access"))
    throw new DlmsError("LIMIT_EXCEEDED", "ACCESS would need access, which the meter did not agree to");
  const { invokeId, confirmed, highPriority } = invoke;
  const answer = yield {
    type: "access-request",
    longInvoke: { invokeId, confirmed, highPriority, breakOnError, selfDescriptive: false },
    specifications: items.map(specification),
    data: items.map(carried),
  };
  if (answer.type !== "access-response") throw unexpected(`to an ACCESS is a ${answer.type}`);
  return { type: "access", results: accessResults(items, answer) };
}

function specification(item: AccessItem): AccessSpecification {
  if (item.service === "action") return { type: "action", method: item.method };
  const { service, attribute, selection } = item;
  return selection === undefined
    ? { type: service, attribute }
    : { type: `${service}-with-selection`, attribute, selection };
}

function carried(item: AccessItem): Data {
  if (item.service === "get") return nothing;
  return item.service === "set" ? item.data : (item.parameters ?? nothing);
}

function accessResults(items: readonly AccessItem[], { data, results }: AccessResponse): AccessItemResult[] {
  if (results.length !== items.length || data.length !== items.length)
    throw unexpected(`holds ${results.length} results and ${data.length} data for ${items.length} items`);
  return items.map(({ service }, i): AccessItemResult => {
    const answered = results[i] as AccessResult;
    const value = data[i] as Data;
    if (answered.type !== service)
      throw unexpected(`holds the result of a ${answered.type} in the place of a ${service}`);
    const { type, result } = answered;
    switch (type) {
      case "get":
        return {
          service: type,
          result:
            result === "success"
              ? { type: "data", data: value }
              : { type: "data-access-error", error: result },
        };
      case "set":
        return { service: type, result };
      case "action":
        return value.type === "null-data"
          ? { service: type, result }
          : { service: type, result, returnParameters: { type: "data", data: value } };
    }
  });
}
