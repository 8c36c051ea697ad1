/** Several GETs, SETs or ACTIONs in one request: as a list of their own service, or as members of one ACCESS. */
import {
  type AccessItem,
  type AccessItemResult,
  type ActionItem,
  type GetItem,
  type SetItem,
} from "../association/index.js";
import { DlmsError } from "../core/errors.js";
import { type ActionResponseItem, type DataAccessResult, type GetDataResult } from "../xdlms/index.js";
import { type Connection } from "./connection.js";
import { type ListForm } from "./lists.js";

type Of<S extends AccessItem["service"]> = Extract<AccessItemResult, { readonly service: S }>;

export async function requestGets(
  connection: Connection,
  items: readonly GetItem[],
  form: ListForm,
): Promise<readonly GetDataResult[]> {
  if (form === "list") return (await connection.request<"get">({ type: "get", items })).results;
  const results = await access(
    connection,
    "get",
    items.map((item) => ({ service: "get", ...item })),
  );
  return results.map(({ result }) => result);
}

export async function requestSets(
  connection: Connection,
  items: readonly SetItem[],
  form: ListForm,
): Promise<readonly DataAccessResult[]> {
  if (form === "list") return (await connection.request<"set">({ type: "set", items })).results;
  const results = await access(
    connection,
    "set",
    items.map((item) => ({ service: "set", ...item })),
  );
  return results.map(({ result }) => result);
}

export async function requestActions(
  connection: Connection,
  items: readonly ActionItem[],
  form: ListForm,
): Promise<readonly ActionResponseItem[]> {
  if (form === "list") return (await connection.request<"action">({ type: "action", items })).results;
  return access(
    connection,
    "action",
    items.map((item) => ({ service: "action", ...item })),
  );
}

async function access<S extends AccessItem["service"]>(
  connection: Connection,
  service: S,
  items: readonly AccessItem[],
): Promise<readonly Of<S>[]> {
  const { results } = await connection.request<"access">({ type: "access", items });
  return results.map((result) => {
    if (result.service !== service)
      throw new DlmsError("UNEXPECTED_APDU", `A ${result.service} stands in the place of a ${service}.`);
    return result as Of<S>;
  });
}
