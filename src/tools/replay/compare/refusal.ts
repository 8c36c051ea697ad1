/** Refusals as the clients word them, and the result codes of the standard they mean. */

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/read-?_?write[- _]denied/i, "read-write-denied"],
  [/undefined object|OBJECT_UNDEFINED/i, "object-undefined"],
  [/hardware[- _]fault/i, "hardware-fault"],
  [/temporary[- _]failure/i, "temporary-failure"],
  [/inconsistent class or object|OBJECT_CLASS_INCONSISTENT/i, "object-class-inconsistent"],
  [/unavailable object|OBJECT_UNAVAILABLE/i, "object-unavailable"],
  [/unmatched type|unmatch type|TYPE_UNMATCHED/i, "type-unmatched"],
  [/scope of access|SCOPE_OF_ACCESS_VIOLATED/i, "scope-of-access-violated"],
  [/data block unavailable|DATA_BLOCK_UNAVAILABLE/i, "data-block-unavailable"],
  [/OTHER_REASON|unknown error/i, "other-reason"],
];

/** The name of the result, or undefined when the text is no refusal by the meter. */
export function refusalIn(text: string): string | undefined {
  if (!/Access Error|DataResultError|ActionError|DataAccessResult|ActionResult|^[A-Z_]+$/.test(text))
    return undefined;
  return WORDS.find(([words]) => words.test(text))?.[1];
}
