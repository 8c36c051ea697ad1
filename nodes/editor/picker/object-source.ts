/**
 * Where a dialog's pickers take objects from: the list of a connected meter (its own, else what its type knows), else
 * what the meter type in use knows, else the dictionary. Loaded when a picker opens, kept while the page lives; a small
 * bar above each list says where they come from, lets one choose, and asks the meter anew.
 */
import { asApiError, get, meterPath, post } from "../api.js";
import { button, element, setText } from "../dom.js";
import { ago } from "../meters/format.js";
import { type ObjectsAnswer } from "../meters/model.js";
import { word } from "../words.js";
import { ofDictionary, ofMeter, type PickObject } from "./objects.js";

declare const RED: { readonly user: { hasPermission(permission: string): boolean } };

/** What the dialog says of the meters it is about. */
export interface Scope {
  /** A listener's id; empty for all of them. Undefined when the dialog is to name one and names none. */
  readonly listener: string | undefined;
  /** The serial number that stands in the dialog, if one does. */
  readonly serial: string;
  /** Whose objects stand in front when no meter is there. */
  readonly preset: string;
}

export interface Candidate {
  readonly listener: string;
  readonly serial: string;
  readonly meterType: string;
  readonly hasList: boolean;
}

const DICTIONARY = "";
/** Answers of this page's life, by meter. */
const known = new Map<string, ObjectsAnswer>();
const KEPT = 10;

export class ObjectSource {
  readonly bar: HTMLElement;
  readonly #scope: () => Scope;
  readonly #select = element("select", { attributes: { "aria-label": word("picker.source") } });
  readonly #status = element("div", { class: "dlms-note-line", attributes: { role: "status" } });
  readonly #ask: HTMLButtonElement;
  readonly #mayAsk = RED.user.hasPermission("dlms-gateway.write");
  readonly #changed = new Set<() => void>();
  #objects: readonly PickObject[] = [];
  #candidates: readonly Candidate[] = [];
  /** The scope that what is shown belongs to. */
  #seen = "";
  #round = 0;
  #isAsking = false;
  #finding: Promise<void> = Promise.resolve();

  constructor(scope: () => Scope) {
    this.#scope = scope;
    this.#ask = button({
      label: word("objects.fetch"),
      icon: "refresh",
      onClick: () => this.#askMeter(),
    });
    if (!this.#mayAsk) this.#ask.title = word("meters.mayNot");
    this.#select.addEventListener("change", () => void this.#fetch(false));
    this.bar = element("div", {
      class: "dlms-picker-head",
      children: [
        element("div", { class: "dlms-picker-source", children: [this.#select, this.#ask] }),
        this.#status,
      ],
    });
  }

  get objects(): readonly PickObject[] {
    return this.#objects;
  }

  /** The connected meter whose objects are shown. */
  get meter(): Candidate | undefined {
    return this.#candidates.find((one) => idOf(one) === this.#select.value);
  }

  /** @returns what ends it. */
  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  /** A picker opens: looks for meters if the dialog has come to speak of others. @returns once that has ended. */
  prepare(): Promise<void> {
    const scope = this.#scope();
    const seen = JSON.stringify(scope);
    if (seen === this.#seen) return this.#finding;
    this.#seen = seen;
    this.#candidates = [];
    this.#offer(scope);
    this.#take(ofDictionary(scope.preset), this.#offline(scope));
    if (scope.listener !== undefined) this.#finding = this.#find(scope);
    return this.#finding;
  }

  async #find(scope: Scope): Promise<void> {
    const round = ++this.#round;
    const { listener = "", serial } = scope;
    try {
      const ask = (q: string): Promise<{ readonly meters: readonly Candidate[] }> =>
        get(`/meters?listener=${encodeURIComponent(listener)}&q=${encodeURIComponent(q)}`);
      let { meters } = await ask(serial);
      if (meters.length === 0 && serial !== "") ({ meters } = await ask(""));
      if (round !== this.#round) return;
      this.#candidates = meters;
      this.#offer(scope);
      const best =
        meters.find((one) => one.serial === serial.toUpperCase()) ??
        meters.find((one) => one.hasList || known.has(idOf(one))) ??
        meters[0];
      if (best === undefined) return this.#take(this.#objects, word("picker.noMeter"));
      this.#select.value = idOf(best);
      await this.#fetch(false);
    } catch (caught) {
      if (round === this.#round)
        this.#take(this.#objects, word("picker.unknown", { reason: asApiError(caught).message }));
    }
  }

  /** Once at a time. The button stays enabled meanwhile: it would lose the keyboard, and the list would close. */
  #askMeter(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    void this.#fetch(true).finally(() => (this.#isAsking = false));
  }

  /** @param isAsked sends a request to the meter instead of taking what the runtime has. */
  async #fetch(isAsked: boolean): Promise<void> {
    const round = ++this.#round;
    const { meter } = this;
    const { preset } = this.#scope();
    if (meter === undefined) return this.#take(ofDictionary(preset), word("picker.fromDictionary"));
    const kept = known.get(idOf(meter));
    if (kept !== undefined && !isAsked) return this.#show(meter, kept);
    setText(this.#status, word(isAsked ? "objects.asking" : "objects.loading"));
    const path = `${meterPath(meter.listener, meter.serial)}/objects`;
    try {
      const answer = await (isAsked ? post<ObjectsAnswer>(path) : get<ObjectsAnswer>(path));
      if (answer.source === "meter") {
        remember(idOf(meter), answer);
        this.#markOwn(meter);
      }
      if (round === this.#round) this.#show(meter, answer);
    } catch (caught) {
      // The meter or its listener has gone meanwhile: what is shown stays.
      if (round === this.#round) this.#take(this.#objects, asApiError(caught).message);
    }
  }

  /** The choice says that this meter's own list is there now. */
  #markOwn(meter: Candidate): void {
    const id = idOf(meter);
    this.#candidates = this.#candidates.map((one) => (idOf(one) === id ? { ...one, hasList: true } : one));
    const { value } = this.#select;
    this.#offer(this.#scope());
    this.#select.value = value;
  }

  #show({ serial }: Candidate, { source, at, objects, preset, error }: ObjectsAnswer): void {
    const own = ofMeter(objects);
    if (source === "meter")
      return this.#take(
        own,
        word("picker.fromMeter", { serial, count: own.length, ago: ago(at, Date.now()) }),
      );
    // What a meter's type knows is little: the dictionary stands behind it.
    const have = new Set(own.map(({ obis }) => obis));
    const rest = ofDictionary(preset).filter(({ obis }) => !have.has(obis));
    const text = word("picker.fromType", { serial });
    this.#take([...own, ...rest], error === undefined ? text : `${error.message} ${text}`);
  }

  #take(objects: readonly PickObject[], status: string): void {
    this.#objects = objects;
    setText(this.#status, status);
    this.#ask.disabled = !this.#mayAsk || this.meter === undefined;
    for (const changed of this.#changed) changed();
  }

  /** Fills the choice of sources. */
  #offer({ preset }: Scope): void {
    const option = (value: string, text: string): HTMLOptionElement =>
      element("option", { text, attributes: { value } });
    const meters = this.#candidates.map((one) => {
      const { serial, meterType, hasList } = one;
      const text = word(hasList ? "picker.meterList" : "picker.meter", { serial, meterType });
      return option(idOf(one), text);
    });
    const base = preset === "" ? word("picker.dictionary") : word("picker.type", { preset });
    this.#select.replaceChildren(...meters, option(DICTIONARY, base));
  }

  #offline({ listener, preset }: Scope): string {
    if (listener === undefined) return word("picker.noListener");
    return preset === "" ? word("picker.fromDictionary") : word("picker.fromPreset", { preset });
  }
}

function idOf({ listener, serial }: Candidate): string {
  return `${listener}/${serial}`;
}

function remember(id: string, answer: ObjectsAnswer): void {
  known.delete(id);
  known.set(id, answer);
  const oldest = known.keys().next();
  if (known.size > KEPT && oldest.done !== true) known.delete(oldest.value);
}
