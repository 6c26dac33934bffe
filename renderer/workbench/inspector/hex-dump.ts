// Bytes as the rows of a dump, eight a line: offset, hex, characters. Pure. Counterparts: hex-view.tsx, bytes-section.tsx.
import { dumpCharacter } from '../../../preload/contract/notation.ts'

export const dumpWidth = 8
/** Columns of a whole line of hex: two digits a byte, a space between, one more in the middle. */
export const hexColumns = dumpWidth * 3

/** The byte of a line that stands at a column of its hex. */
export const byteOfColumn = (column: number): number => {
  const middle = (dumpWidth / 2) * 3
  return Math.min(dumpWidth - 1, Math.floor((column < middle ? column : Math.max(middle, column - 1)) / 3))
}

/** Bytes next to each other that look the same. */
export interface DumpRun {
  readonly text: string
  /** They do not print, and are drawn dimmer. */
  readonly quiet: boolean
  readonly marked: boolean
  /** Of a field that is pointed at. */
  readonly linked?: true
  /** The cursor stands on it. */
  readonly cursor?: true
  /** A message begins with it. */
  readonly frame?: true
}

export interface DumpRow {
  /** Hex, four digits or more. */
  readonly offset: string
  readonly runs: readonly DumpRun[]
  readonly characters: string
}

/** What else is told of bytes. */
export interface DumpLooks {
  isLinked(offset: number): boolean
  isCursor(offset: number): boolean
  startsFrame(offset: number): boolean
}

const plain: DumpLooks = { isLinked: () => false, isCursor: () => false, startsFrame: () => false }

const hexOf = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0')
const isQuiet = (byte: number): boolean => byte < 0x20 || byte === 0x7f

/** Digits of the offsets where so many bytes are shown. */
export const offsetDigits = (end: number): number => Math.max(4, (end - 1).toString(16).length)

/** Bytes `from` up to `to`, eight at most, as a row; `isMarked` tells of bytes that stand out. */
export const dumpRow = (
  bytes: Uint8Array,
  from: number,
  to: number,
  digits: number,
  isMarked: (offset: number) => boolean,
  looks: DumpLooks,
): DumpRow => {
  const runs: { -readonly [K in keyof DumpRun]: DumpRun[K] }[] = []
  let characters = ''
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!
    const quiet = isQuiet(byte)
    const marked = isMarked(i)
    const linked = looks.isLinked(i)
    const cursor = looks.isCursor(i)
    const frame = looks.startsFrame(i)
    // One space between bytes, one more in the middle of the line.
    const gap = i === from ? '' : i - from === dumpWidth / 2 ? '  ' : ' '
    const last = runs.at(-1)
    const goesOn =
      last !== undefined &&
      last.quiet === quiet &&
      last.marked === marked &&
      (last.linked === true) === linked &&
      (last.cursor === true) === cursor &&
      !frame
    if (goesOn) last.text += gap + hexOf(byte)
    else {
      // The space before what stands out is not part of it.
      const apart = (marked || linked || cursor || frame) && last !== undefined
      if (apart) last.text += gap
      runs.push({
        text: (apart ? '' : gap) + hexOf(byte),
        quiet,
        marked,
        ...(linked ? { linked } : {}),
        ...(cursor ? { cursor } : {}),
        ...(frame ? { frame } : {}),
      })
    }
    characters += dumpCharacter(byte)
  }
  return { offset: from.toString(16).toUpperCase().padStart(digits, '0'), runs, characters }
}

/** The first `limit` bytes as rows; `isMarked` tells of bytes that stand out. */
export const dumpRows = (
  bytes: Uint8Array,
  limit: number,
  isMarked: (offset: number) => boolean = () => false,
  looks: DumpLooks = plain,
): readonly DumpRow[] => {
  const end = Math.min(bytes.length, limit)
  const digits = offsetDigits(end)
  const rows: DumpRow[] = []
  for (let from = 0; from < end; from += dumpWidth)
    rows.push(dumpRow(bytes, from, Math.min(end, from + dumpWidth), digits, isMarked, looks))
  return rows
}

/** How many bytes to show next: first 128, then four times as many each time, up to `most`. */
export const nextShown = (shown: number, total: number, most: number): number => Math.min(total, most, shown * 4)
export const firstShown = 128
/** The most bytes that a dump on the screen shows; the whole is what copying is for. */
export const mostShown = 64 * 1024
