// What is searched for, made ready: bytes with wildcards, or a regular expression over Latin-1. Counterparts:
// contract/captures.ts (`SearchSpec`), search.ts (which looks for it).
import type { SearchSpec } from '../../preload/contract/captures.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'

/** Bytes of which `mask` says where any will do (0) and which count (255). Letters are lower case where `fold`. */
export interface BytePattern {
  readonly type: 'bytes'
  readonly bytes: Uint8Array
  readonly mask: Uint8Array
  /** ASCII letters of either case match. */
  readonly fold: boolean
  /** The longest run of bytes that count, which is looked for first, and where it starts. */
  readonly anchor: Uint8Array
  readonly anchorAt: number
}

export interface RegexPattern {
  readonly type: 'regex'
  /** With the flags `g` and `s`. */
  readonly regex: RegExp
}

/** Lower case of ASCII letters, byte by byte. */
export const lowerCase: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
)

const longestRun = (mask: Uint8Array): { from: number; to: number } => {
  let best = { from: 0, to: 0 }
  for (let from = 0; from < mask.length; from++) {
    let to = from
    while (to < mask.length && mask[to] === 255) to++
    if (to - from > best.to - best.from) best = { from, to }
    if (to > from) from = to
  }
  return best
}

const bytePattern = (bytes: Uint8Array, mask: Uint8Array, fold: boolean): Result<BytePattern> => {
  const folded = fold ? bytes.map((byte) => lowerCase[byte]!) : bytes
  const { from, to } = longestRun(mask)
  if (from === to) return fail('bad-argument', 'A pattern of nothing but ?? matches everywhere', 'search.pattern')
  return ok({ type: 'bytes', bytes: folded, mask, fold, anchor: folded.subarray(from, to), anchorAt: from })
}

const hexPattern = (text: string, fold: boolean): Result<BytePattern> => {
  const digits = text.replace(/\s+/g, '')
  const pairs = digits.match(/[0-9a-f]{2}|\?\?/gi) ?? []
  if (pairs.join('') !== digits || pairs.length === 0)
    return fail(
      'bad-argument',
      'Write bytes as pairs of hex digits, and ?? for any byte: 48 65 ?? 6c',
      'search.pattern',
    )
  return bytePattern(
    Uint8Array.from(pairs, (pair) => (pair === '??' ? 0 : Number.parseInt(pair, 16))),
    Uint8Array.from(pairs, (pair) => (pair === '??' ? 0 : 255)),
    fold,
  )
}

/** Failure `bad-argument` where the pattern is none of its notation. */
export const compilePattern = ({ pattern, notation, ignoreCase }: SearchSpec): Result<BytePattern | RegexPattern> => {
  switch (notation) {
    case 'text': {
      const bytes = new TextEncoder().encode(pattern)
      return bytePattern(bytes, new Uint8Array(bytes.length).fill(255), ignoreCase)
    }
    case 'hex':
      return hexPattern(pattern, ignoreCase)
    case 'regex':
      try {
        return ok({ type: 'regex', regex: new RegExp(pattern, ignoreCase ? 'gsi' : 'gs') })
      } catch (error) {
        return fail('bad-argument', (error as Error).message, 'search.pattern')
      }
  }
}
