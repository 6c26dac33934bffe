// The encodings that text is written in. Names only, so that whoever stores one needs no tables; counterpart:
// encodings-codec.ts, which writes bytes in them.

/** By their names in the WHATWG Encoding Standard, but for `latin1`: one byte a character, U+0000 to U+00FF, no more. */
export const textEncodings = ['utf-8', 'latin1', 'utf-16le', 'utf-16be', 'euc-kr', 'gbk', 'shift_jis'] as const
export type TextEncoding = (typeof textEncodings)[number]

/** What people call them; EUC-KR takes in all of CP949 (UHC). */
export const encodingLabels: Readonly<Record<TextEncoding, string>> = {
  'utf-8': 'UTF-8',
  latin1: 'Latin-1',
  'utf-16le': 'UTF-16LE',
  'utf-16be': 'UTF-16BE',
  'euc-kr': 'EUC-KR (CP949)',
  gbk: 'GBK',
  shift_jis: 'Shift_JIS',
}
