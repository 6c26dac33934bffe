// Bytes as the rows of a dump, eight a line: offset, hex, characters. Pure. Counterpart: bytes-section.tsx.
import { dumpCharacter } from '../../../preload/contract/notation.ts'

export const dumpWidth = 8

export interface DumpRow {
  /** Hex, four digits or more. */
  readonly offset: string
  /** Runs of bytes, alternating between printable ones and others, which are drawn dimmer. */
  readonly runs: readonly { readonly text: string; readonly quiet: boolean; readonly marked: boolean }[]
  readonly characters: string
}

const hexOf = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0')
const isQuiet = (byte: number): boolean => byte < 0x20 || byte === 0x7f

/** The first `limit` bytes as rows; `isMarked` tells of bytes that stand out. */
export const dumpRows = (
  bytes: Uint8Array,
  limit: number,
  isMarked: (offset: number) => boolean = () => false,
): readonly DumpRow[] => {
  const end = Math.min(bytes.length, limit)
  const digits = Math.max(4, (end - 1).toString(16).length)
  const rows: DumpRow[] = []
  for (let from = 0; from < end; from += dumpWidth) {
    const runs: { text: string; quiet: boolean; marked: boolean }[] = []
    let characters = ''
    for (let i = from; i < Math.min(end, from + dumpWidth); i++) {
      const byte = bytes[i]!
      const quiet = isQuiet(byte)
      const marked = isMarked(i)
      // One space between bytes, one more in the middle of the line.
      const gap = i === from ? '' : i - from === dumpWidth / 2 ? '  ' : ' '
      const last = runs.at(-1)
      if (last !== undefined && last.quiet === quiet && last.marked === marked) last.text += gap + hexOf(byte)
      else {
        // The space before a mark is not part of it.
        if (marked && last !== undefined) last.text += gap
        runs.push({ text: (marked && last !== undefined ? '' : gap) + hexOf(byte), quiet, marked })
      }
      characters += dumpCharacter(byte)
    }
    rows.push({ offset: from.toString(16).toUpperCase().padStart(digits, '0'), runs, characters })
  }
  return rows
}

/** How many bytes to show next: first 128, then four times as many each time, up to `most`. */
export const nextShown = (shown: number, total: number, most: number): number => Math.min(total, most, shown * 4)
export const firstShown = 128
/** The most bytes that a dump on the screen shows; the whole is what copying is for. */
export const mostShown = 64 * 1024
