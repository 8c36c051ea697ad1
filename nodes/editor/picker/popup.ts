/**
 * Where the list of a combo box floats: below its field, or above where there is more room; as wide as its field or, for
 * lists that have much to say, as the form.
 */
export interface Placed {
  /** Puts it where it belongs now. @param wanted height of all it holds, in pixels. */
  readonly place: (wanted: number) => void;
  readonly stop: () => void;
}

const GAP = 2;
const MARGIN = 8;
const LEAST = 180;
const WIDEST = 760;
const NARROWEST = 250;

export type PopupWidth = "field" | "form";

/** @param limit is told how many pixels of height there are. */
export function placeBeside(
  popup: HTMLElement,
  field: HTMLElement,
  width: PopupWidth,
  limit: (height: number) => void,
  lost: () => void,
): Placed {
  let wanted = 0;
  const place = (): void => {
    if (!field.isConnected) return lost();
    const box = field.getBoundingClientRect();
    const form = (field.closest(".dlms-form") ?? field).getBoundingClientRect();
    const below = window.innerHeight - box.bottom - MARGIN;
    const above = box.top - MARGIN;
    const isAbove = below < Math.min(LEAST, wanted) && above > below;
    const height = Math.min(wanted, isAbove ? above : below);
    const broad =
      width === "form" ? Math.min(form.width, WIDEST) : Math.min(form.width, Math.max(box.width, NARROWEST));
    const left = width === "form" ? form.left : Math.min(box.left, form.right - broad);
    popup.style.left = `${Math.round(left)}px`;
    popup.style.width = `${Math.round(broad)}px`;
    popup.style.top = isAbove ? "auto" : `${Math.round(box.bottom + GAP)}px`;
    popup.style.bottom = isAbove ? `${Math.round(window.innerHeight - box.top + GAP)}px` : "auto";
    limit(height);
  };
  window.addEventListener("resize", place);
  // Whatever the field lies in scrolls; those events do not bubble.
  window.addEventListener("scroll", place, true);
  return {
    place: (height) => {
      wanted = height;
      place();
    },
    stop: () => {
      window.removeEventListener("resize", place);
      window.removeEventListener("scroll", place, true);
    },
  };
}
