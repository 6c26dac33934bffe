// What a message has to look like: of reply rules, fault triggers, intercepts, replacements, sequences and `--expect`.
// A pattern is kept as the person wrote it. Pure; counterpart: framing.ts (what a message is).

export const patternKinds = ['always', 'exact', 'contains', 'prefix', 'suffix', 'regex', 'hex'] as const

export interface Pattern {
  readonly match: (typeof patternKinds)[number]
  /**
   * `exact`, `contains`, `prefix`, `suffix`: text with C escapes (notation.ts). `regex`: a JavaScript regular expression
   * that sees each byte as one character (latin1). `hex`: bytes that it contains, `?` for any digit (`41 ?? 4?`). Nothing
   * for `always`.
   */
  readonly text: string
}
