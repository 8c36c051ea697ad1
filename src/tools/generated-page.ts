/** Pages of docs/ that are generated: tables in Markdown, written and formatted, or compared with what stands there. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, runStep } from "./steps.js";

/** One row of a table. */
export function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => String(cell).replace(/\|/g, "\\|")).join(" | ")} |`;
}

export class GeneratedPage {
  readonly #name: string;
  readonly #script: string;
  readonly #text: () => string;

  /** @param script the npm script that writes `docs/<name>`. */
  constructor(name: string, script: string, text: () => string) {
    this.#name = name;
    this.#script = script;
    this.#text = text;
  }

  /** Whether the page says what the code says; column widths are the formatter's business. */
  isCurrent(): boolean {
    return squeezed(readFileSync(this.#path, "utf8")) === squeezed(this.#text());
  }

  /** The command line of the page's script: writes it, or with `--check` only compares. */
  async run(args: readonly string[]): Promise<void> {
    if (!args.includes("--check")) {
      writeFileSync(this.#path, this.#text());
      process.exitCode = await runStep({ name: "format", command: ["prettier", "--write", this.#path] });
    } else if (!this.isCurrent()) {
      console.error(`docs/${this.#name} is not what \`npm run ${this.#script}\` writes`);
      process.exitCode = 1;
    }
  }

  get #path(): string {
    return join(root, "docs", this.#name);
  }
}

function squeezed(text: string): string {
  return text.replace(/ +/g, " ").replace(/-{3,}/g, "---");
}
