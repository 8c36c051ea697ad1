/**
 * The answering side of ACCESS: one indication for the whole request, one result and one datum per member in the
 * answer. The specifications are not echoed.
 */
import { type Data } from "../axdr/data.js";
import {
  type AccessRequest,
  type AccessResult,
  type Apdu,
  dataAccessResults,
  encodeApdu,
} from "../xdlms/index.js";
import { type Answering } from "./answer.js";
import { exception } from "./refusal.js";
import {
  type AccessItem,
  type AccessItemResult,
  type ExchangeContext,
  type ServiceRequest,
  type ServiceResponse,
} from "./service.js";

const nothing: Data = { type: "null-data" };

export function* answerAccess(
  request: AccessRequest,
  { conformance, maxSendPdu }: Omit<ExchangeContext, "invoke">,
): Answering {
  if (!conformance.has("access")) return exception("service-not-supported");
  const items = accessItems(request);
  if (items === undefined || items.length === 0) return exception("other-reason");
  const { breakOnError } = request.longInvoke;
  const indicated: ServiceRequest = { type: "access", items, ...(breakOnError ? { breakOnError } : {}) };
  const response = (yield { type: "indicate", request: indicated }) as Extract<
    ServiceResponse,
    { readonly type: "access" }
  >;
  const apdu: Apdu = {
    type: "access-response",
    longInvoke: request.longInvoke,
    data: response.results.map(returned),
    results: response.results.map(resultOf),
  };
  const inBlocks = conformance.has("general-block-transfer");
  if (!inBlocks && encodeApdu(apdu).length > maxSendPdu) return exception("pdu-too-long");
  return apdu;
}

/** Undefined when specifications and data do not go together. */
function accessItems({ specifications, data }: AccessRequest): AccessItem[] | undefined {
  if (specifications.length !== data.length) return undefined;
  return specifications.map((specification, i): AccessItem => {
    const value = data[i] as Data;
    switch (specification.type) {
      case "get":
        return { service: "get", attribute: specification.attribute };
      case "set":
        return { service: "set", attribute: specification.attribute, data: value };
      case "get-with-selection":
        return { service: "get", attribute: specification.attribute, selection: specification.selection };
      case "set-with-selection": {
        const { attribute, selection } = specification;
        return { service: "set", attribute, selection, data: value };
      }
      case "action":
        return { service: "action", method: specification.method, parameters: value };
    }
  });
}

function returned(item: AccessItemResult): Data {
  if (item.service === "get") return item.result.type === "data" ? item.result.data : nothing;
  if (item.service === "action" && item.returnParameters?.type === "data") return item.returnParameters.data;
  return nothing;
}

function resultOf(item: AccessItemResult): AccessResult {
  switch (item.service) {
    case "get":
      return { type: "get", result: item.result.type === "data" ? "success" : item.result.error };
    case "set":
      return { type: "set", result: item.result };
    case "action": {
      const { result, returnParameters } = item;
      if (result !== "success" || returnParameters?.type !== "data-access-error")
        return { type: "action", result };
      // One result for a method: an error in place of its return value is the method's. Both enumerations share codes.
      const { error } = returnParameters;
      return { type: "action", result: typeof error === "number" ? error : dataAccessResults[error] };
    }
  }
}
