/** What readers of meters do with answers that are right in form and hostile in content. Every call ends. */
import { type Data } from "../../../axdr/index.js";
import { type SessionEvent, type SessionIntent } from "../../../association/index.js";
import { DlmsClient } from "../../../client/index.js";
import { asDlmsError } from "../../../core/errors.js";
import { type Port } from "../../../core/machine.js";
import { type Random } from "../random.js";
import { clientEnd, ForetoldOutside, serverEnd } from "../session-ends.js";
import { turn } from "../still-clock.js";
import { type AnyTarget, hold, isRefusal, type Target, type Watch } from "../target.js";
import { drawData } from "./decoders.js";
import { drawFitting } from "./values.js";
import { answerOf } from "./sessions.js";

const calls: Readonly<Record<string, (client: DlmsClient) => Promise<unknown>>> = {
  read: (client: DlmsClient) => client.read({ obisCode: "1-0:1.8.0.255" }),
  "read-many": (client: DlmsClient) =>
    client.readMany(
      [3, 4, 5, 1, 8, 70, 115].map((classId) => ({ obisCode: "1-0:1.8.0.255", classId, attributeId: 2 })),
    ),
  objects: (client: DlmsClient) => client.readObjectList(),
  "profile-range": (client: DlmsClient) =>
    client.readProfile({ obis: "1-0:99.1.0.255", from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }),
  "profile-last": (client: DlmsClient) => client.readProfile({ obis: "1-0:99.1.0.255", last: 5 }),
  "profile-all": (client: DlmsClient) => client.readProfile({ obis: "1-0:99.1.0.255" }),
  clock: (client: DlmsClient) => client.compareClock({ now: () => 1_767_225_600_000 }),
  "set-clock": (client: DlmsClient) => client.setClock({ now: () => 1_767_225_600_000, method: "shift" }),
};

interface ClientInput {
  readonly call: string;
  /** What the meter answers, in turn. */
  readonly answers: readonly Data[];
}

const ROUNDS = 2_000;

function draw(random: Random): ClientInput {
  const answers = random.times(1 + random.size(8), () =>
    random.once(3) ? drawData(random) : drawFitting(random),
  );
  return {
    call: random.pick(Object.keys(calls)),
    answers: answers.map((answer) => answer ?? { type: "null-data" }),
  };
}

const client: Target<ClientInput> = {
  name: "client",
  about: "readings, lists, profiles and clocks of a meter that answers anything",
  draw,
  async run({ call, answers }, watch) {
    const rig = new Rig(answers, watch);
    const reader = new DlmsClient(rig.port);
    let isDone = false;
    let failure: unknown;
    reader
      .associate()
      .then(() => calls[call]?.(reader))
      .then((result) => JSON.stringify(result))
      .catch((caught: unknown) => (failure = caught))
      .finally(() => (isDone = true));
    for (let i = 0; i < ROUNDS && !isDone; i++) {
      rig.settle();
      await turn();
    }
    hold(isDone, `${call} never ends`);
    if (failure !== undefined && !isRefusal(failure)) throw asDlmsError(failure);
    reader.close();
  },
};

/** A client whose meter answers each request with the next of the given values. */
class Rig {
  readonly #client = clientEnd("open", "wrapper", 0);
  readonly #server = serverEnd("open", "wrapper", 0);
  readonly #outside = new ForetoldOutside();
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  readonly #answers: readonly Data[];
  readonly #watch: Watch;
  #next = 0;
  #now = 0;

  constructor(answers: readonly Data[], watch: Watch) {
    this.#answers = answers;
    this.#watch = watch;
  }

  get port(): Port<SessionIntent, SessionEvent> {
    return {
      send: (intent) => this.#client.send(this.#now, intent),
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  settle(): void {
    this.#now += 1;
    for (let busy = true; busy;) {
      const [up, down] = [this.#client.pollTransmit(), this.#server.pollTransmit()];
      if (up !== undefined) this.#server.receive(this.#now, up);
      if (down !== undefined) this.#watch(() => this.#client.receive(this.#now, down));
      const told = this.#client.pollEvent();
      if (told !== undefined) {
        const answer = this.#outside.answer(told);
        if (answer !== undefined) this.#client.send(this.#now, answer);
        for (const listener of [...this.#listeners]) this.#watch(() => listener(told));
      }
      const asked = this.#server.pollEvent();
      if (asked?.type === "indication") {
        const response = answerOf(
          asked.request,
          () => this.#answers[this.#next++ % this.#answers.length] as Data,
        );
        this.#server.send(this.#now, { type: "respond", id: asked.id, response });
      }
      busy = [up, down, told, asked].some((one) => one !== undefined);
    }
  }
}

export const clientTargets: readonly AnyTarget[] = [client];
