/** The members of an ACCESS request, and what came of each. */
import { type Data } from "../../axdr/index.js";
import { formatObis } from "../../cosem/obis.js";
import { type AccessRequest, type AccessResponse, type AccessSpecification } from "../../xdlms/index.js";
import { type Item } from "./conversation.js";

export function accessItems({ specifications, data }: AccessRequest): Item[] {
  return specifications.map((specification, i) => ({ ...target(specification), ...sent(data[i]) }));
}

function target(specification: AccessSpecification): Item {
  if (specification.type === "action") {
    const { classId, instanceId, methodId } = specification.method;
    return { classId, obis: formatObis(instanceId), id: methodId };
  }
  const { classId, instanceId, attributeId } = specification.attribute;
  const item = { classId, obis: formatObis(instanceId), id: attributeId };
  return "selection" in specification ? { ...item, selection: specification.selection } : item;
}

/** Members that carry nothing hold null-data. */
function sent(data: Data | undefined): Pick<Item, "sent"> {
  return data === undefined || data.type === "null-data" ? {} : { sent: data };
}

export function accessResults(items: readonly Item[], { data, results }: AccessResponse): Item[] {
  return items.map((item, i) => {
    const [result, value] = [results[i]?.result, data[i]];
    if (result === undefined) return item;
    return result === "success" && value !== undefined
      ? { ...item, result, data: value }
      : { ...item, result };
  });
}
