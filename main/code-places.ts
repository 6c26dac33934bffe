// Places in a text that marks were put into, and back. Pure, and without the parser: threads that run such code use it too.
// Counterparts: code-text.ts, lesson-code.ts, scripts/script-code.ts.
import type { SourcePlace } from '../preload/contract/lessons.ts'

/** Something was put in at this offset of the original, so long. */
export interface Added {
  readonly at: number
  readonly length: number
}

/** Text put in at offsets of the original; what is put in at one offset stays in the order in which it was. */
export class Insertions {
  readonly #list: { readonly at: number; readonly text: string }[] = []

  add(at: number, text: string): void {
    this.#list.push({ at, text })
  }

  apply(text: string): { code: string; added: readonly Added[] } {
    const sorted = this.#list
      .map((each, order) => ({ ...each, order }))
      .sort((a, b) => a.at - b.at || a.order - b.order)
    let code = ''
    let done = 0
    for (const { at, text: added } of sorted) {
      code += text.slice(done, at) + added
      done = at
    }
    code += text.slice(done)
    return { code, added: sorted.map((each) => ({ at: each.at, length: each.text.length })) }
  }
}

/** Where an offset in a text with insertions is in the text itself; what is in one is where it was put in. */
export const offsetInText = (added: readonly Added[], offset: number): number => {
  let shift = 0
  for (const { at, length } of added) {
    if (at + shift + length > offset) return Math.min(at, offset - shift)
    shift += length
  }
  return offset - shift
}

export const placeAt = (text: string, offset: number): SourcePlace => {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

export const offsetOf = (text: string, line: number, column: number): number =>
  text
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, each) => sum + each.length + 1, 0) +
  column -
  1
