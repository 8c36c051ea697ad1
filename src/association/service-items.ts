/** Requests and responses of all four services as rows of items and results, for what carries them one by one. */
import {
  type AccessItem,
  type AccessItemResult,
  type ServiceRequest,
  type ServiceResponse,
} from "./service.js";

export function toItems(request: ServiceRequest): readonly AccessItem[] {
  switch (request.type) {
    case "get":
      return request.items.map((item) => ({ service: "get", ...item }));
    case "set":
      return request.items.map((item) => ({ service: "set", ...item }));
    case "action":
      return request.items.map((item) => ({ service: "action", ...item }));
    case "access":
      return request.items;
  }
}

/** Items of one service as that service, a mixture as ACCESS. */
export function toRequest(items: readonly AccessItem[]): ServiceRequest {
  const [first] = items;
  const type = items.every(({ service }) => service === first?.service) ? first?.service : undefined;
  if (type === undefined) return { type: "access", items };
  return { type, items: items.map(withoutService) } as unknown as ServiceRequest;
}

export function toResults(response: ServiceResponse): readonly AccessItemResult[] {
  switch (response.type) {
    case "get":
      return response.results.map((result) => ({ service: "get", result }));
    case "set":
      return response.results.map((result) => ({ service: "set", result }));
    case "action":
      return response.results.map((result) => ({ service: "action", ...result }));
    case "access":
      return response.results;
  }
}

export function fromItems(
  type: ServiceRequest["type"],
  results: readonly AccessItemResult[],
): ServiceResponse {
  if (type === "access") return { type, results };
  const bare = results.map((item) => (item.service === "action" ? withoutService(item) : item.result));
  return { type, results: bare } as ServiceResponse;
}

function withoutService<T extends { readonly service: string }>({ service, ...rest }: T): Omit<T, "service"> {
  void service;
  return rest;
}
