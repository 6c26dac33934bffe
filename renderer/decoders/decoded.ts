// What a decoder makes of bytes: a tree of fields that each know the bytes they came from, within bounds, so that bytes of
// any peer take no longer and no more than these allow. Pure. Counterparts: json.ts, http.ts, resp.ts, msgpack.ts,
// protobuf.ts and texts.ts (the decoders), decoded-view.tsx (which shows them).

/** What is looked at, and made, at most; every one is shown where it was reached. */
export const decodeBounds = {
  /** Bytes of a payload. */
  bytes: 256 * 1024,
  fields: 2000,
  /** Levels of values within values. */
  depth: 32,
  /** Characters of one value. */
  characters: 400,
} as const

export type FieldType = 'object' | 'list' | 'text' | 'number' | 'word' | 'bytes' | 'head'

export interface Field {
  /** What it is called in its message: a key, an index, a field's number; empty for a value alone. */
  readonly name: string
  /** The value, or of what holds others how many; printable, cut at `decodeBounds.characters`. */
  readonly value: string
  readonly type: FieldType
  /** Its bytes, name included where that stands in them. */
  readonly from: number
  readonly to: number
  readonly children: readonly Field[]
}

export type ProblemCode = 'ends-early' | 'unexpected' | 'too-deep' | 'too-many' | 'too-long'

export interface Decoded {
  readonly fields: readonly Field[]
  /** Bytes that were understood, from the first one on. */
  readonly end: number
  /** Why no more were, and from which byte on; null where all were, or the rest is something else. */
  readonly problem: { readonly code: ProblemCode; readonly at: number } | null
}

/** A decoder met what it cannot read. */
export class NotDecodable extends Error {
  readonly code: ProblemCode
  readonly at: number
  constructor(code: ProblemCode, at: number) {
    super(code)
    this.code = code
    this.at = at
  }
}

// As in contract/notation.ts: what steers a screen, or disguises what was sent.
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' }

/** Text of a peer as it may be shown. */
export const printable = (text: string): string =>
  text.replace(unsafe, (letter) => shortEscapes[letter] ?? `\\u{${letter.codePointAt(0)!.toString(16)}}`)

/** Text of a peer, cut and printable. */
export const shownText = (text: string): string =>
  text.length <= decodeBounds.characters ? printable(text) : `${printable(text.slice(0, decodeBounds.characters))}…`

const decoder = new TextDecoder()
/** UTF-8 with what is none replaced; cut and printable. */
export const shownBytes = (bytes: Uint8Array): string =>
  bytes.length <= decodeBounds.characters
    ? shownText(decoder.decode(bytes))
    : `${printable(decoder.decode(bytes.subarray(0, decodeBounds.characters)))}…`

/** The first bytes in hex. */
export const shownHex = (bytes: Uint8Array): string => {
  const most = 32
  const text = Array.from(bytes.subarray(0, most), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return bytes.length > most ? `${text} …` : text
}

/** A reader's place in the bytes, and what it has used up of the bounds. */
export class Cursor {
  readonly bytes: Uint8Array
  readonly view: DataView
  at = 0
  #fields = 0
  #depth = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get atEnd(): boolean {
    return this.at >= this.bytes.length
  }

  /** Counts a field. Throws where there are too many. */
  field(field: Field): Field {
    if (++this.#fields > decodeBounds.fields) throw new NotDecodable('too-many', field.from)
    return field
  }

  /** Reads something a level deeper. Throws where that is too deep. */
  deeper<T>(read: () => T): T {
    if (++this.#depth > decodeBounds.depth) throw new NotDecodable('too-deep', this.at)
    try {
      return read()
    } finally {
      this.#depth--
    }
  }

  /** Steps over so many bytes and answers where they began. Throws where they are not all there. */
  take(count: number): number {
    const from = this.at
    if (!(count >= 0) || count > this.bytes.length - from) throw new NotDecodable('ends-early', from)
    this.at = from + count
    return from
  }

  unexpected(at = this.at): NotDecodable {
    return new NotDecodable(at >= this.bytes.length ? 'ends-early' : 'unexpected', at)
  }
}

/**
 * Reads values one after the other to the end. What was whole before something could not be read is kept, with the problem.
 * `read` may leave what it has made so far in `partial`.
 */
export const decodeAll = (
  bytes: Uint8Array,
  read: (cursor: Cursor, index: number) => Field | null,
  partial: () => Field | null = () => null,
): Decoded => {
  const cursor = new Cursor(bytes.subarray(0, decodeBounds.bytes))
  const fields: Field[] = []
  let end = 0
  try {
    for (;;) {
      const field = read(cursor, fields.length)
      if (field === null) break
      fields.push(field)
      end = cursor.at
    }
  } catch (error) {
    if (!(error instanceof NotDecodable)) throw error
    const begun = partial()
    if (begun !== null) fields.push(begun)
    const cut = error.code === 'ends-early' && bytes.length > decodeBounds.bytes
    return { fields, end, problem: { code: cut ? 'too-long' : error.code, at: error.at } }
  }
  return {
    fields,
    end,
    problem: bytes.length > decodeBounds.bytes ? { code: 'too-long', at: decodeBounds.bytes } : null,
  }
}
