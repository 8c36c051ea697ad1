/**
 * Many items through few requests: with-list where it was negotiated, else ACCESS, in lists that fit the PDU, else one
 * by one. A list that the meter refuses as such is sent in the next form when nothing can have happened yet; items a
 * meter is silent about cost two waits at most before the rest is given up.
 */
import { type ActionItem, type AssociationInfo, type GetItem, type SetItem } from "../association/index.js";
import { dataCodec } from "../axdr/index.js";
import { encodeAll } from "../bytes/codec.js";
import { asDlmsError, DlmsError, type ErrorCode } from "../core/errors.js";

/** How several items travel in one request. */
export type ListForm = "list" | "access";

export interface ListRun<Item, Value> {
  readonly association: AssociationInfo | undefined;
  readonly itemsPerList: number;
  /** Asking twice changes nothing: after silence the items of a list are asked one by one. */
  readonly repeatable: boolean;
  readonly request: (items: readonly Item[], form: ListForm) => Promise<readonly (Value | DlmsError)[]>;
}

/** Nothing more will be answered on this link. */
const hopeless: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "LINK_LOST",
  "LINK_REFUSED",
  "NOT_CONNECTED",
  "NOT_ASSOCIATED",
  "FRAME_REJECTED",
]);
const SILENCES = 2;
/** Tag, form or long invoke id and date-time, and two counts of up to three octets. */
const OVERHEAD = { list: 9, access: 13 } as const;
/** Class, logical name, index, the presence octet of a selection or parameter, and what ACCESS adds. */
const DESCRIPTOR_OCTETS = { list: 10, access: 12 } as const;

type AnyItem = GetItem | SetItem | ActionItem;

/** One outcome per item, in order. Never throws. */
export async function runInLists<Item extends AnyItem, Value>(
  items: readonly Item[],
  run: ListRun<Item, Value>,
): Promise<(Value | DlmsError)[]> {
  const outcomes: (Value | DlmsError)[] = [];
  let silences = 0;
  const ask = async (
    some: readonly Item[],
    form: ListForm,
  ): Promise<readonly (Value | DlmsError)[] | DlmsError> => {
    try {
      const answered = await run.request(some, form);
      silences = 0;
      return answered;
    } catch (caught) {
      const error = asDlmsError(caught);
      if (error.code === "RESPONSE_TIMEOUT") silences += 1;
      return error;
    }
  };
  const forms = items.length > 1 ? formsOf(run.association) : [];
  while (outcomes.length < items.length) {
    const rest = items.slice(outcomes.length);
    const form = forms[0];
    const some = form === undefined ? rest.slice(0, 1) : firstList(rest, form, run);
    // One item alone travels in its own service.
    const answered = await ask(some, some.length > 1 ? (form ?? "list") : "list");
    if (!(answered instanceof DlmsError)) outcomes.push(...answered);
    else if (some.length > 1 && mayTakeApart(answered, run.repeatable)) forms.shift();
    else {
      const given = hopeless.has(answered.code) || silences >= SILENCES ? rest : some;
      outcomes.push(...given.map(() => answered));
    }
  }
  return outcomes;
}

function formsOf(association: AssociationInfo | undefined): ListForm[] {
  const forms: ListForm[] = [];
  if (association?.conformance.has("multiple-references") === true) forms.push("list");
  if (association?.conformance.has("access") === true) forms.push("access");
  return forms;
}

function mayTakeApart(error: DlmsError, repeatable: boolean): boolean {
  if (hopeless.has(error.code)) return false;
  // A list of effects is taken apart only when the meter says that it doesn't know the form: then nothing was run.
  return repeatable || error.detail?.["serviceError"] === "service-not-supported";
}

/** As many items as fit one request; at least one. */
function firstList<Item extends AnyItem>(
  items: readonly Item[],
  form: ListForm,
  run: ListRun<Item, unknown>,
): readonly Item[] {
  const room = (run.association?.maxSendPdu ?? 0) - OVERHEAD[form];
  let octets = 0;
  let count = 0;
  for (const item of items.slice(0, run.itemsPerList)) {
    octets += DESCRIPTOR_OCTETS[form] + contentOctets(item);
    if (octets > room) break;
    count += 1;
  }
  return items.slice(0, Math.max(1, count));
}

function contentOctets(item: AnyItem): number {
  const contents = [
    "selection" in item ? item.selection?.parameters : undefined,
    "data" in item ? item.data : undefined,
    "parameters" in item ? item.parameters : undefined,
  ];
  let octets = 1;
  for (const content of contents) if (content !== undefined) octets += encodeAll(dataCodec, content).length;
  return octets;
}
