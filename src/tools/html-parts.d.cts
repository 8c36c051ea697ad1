/** Types of html-parts.cjs, which the build runs without a compiler. */
export declare function withParts(html: string, file: string): string;
