// What is sent in answer to a message: bytes as people write them, with macros (`{{counter}}`) and with what the pattern
// found (`$1`). Pure; counterparts: patterns.ts (finds it), notation.ts (literal bytes), replies.ts (what a rule is).
import { concatBytes, type Notation, parseEscapes, parseHex } from './notation.ts'
import type { Matcher, PatternMatch, TextFailure, TextResult } from './patterns.ts'

/** The most bytes of one `{{random:N}}`: 64 KiB. */
export const maxRandomBytes = 64 * 1024

/** A piece of a template; `at` and `span` are its place in the text (UTF-16 units). */
export type TemplatePart =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'counter' | 'now' | 'unix' | 'uuid' }
  | { readonly kind: 'random'; readonly count: number }
  | { readonly kind: 'file'; readonly path: string }
  /** A group by its number, 0 for all that matched. */
  | { readonly kind: 'group'; readonly group: number; readonly at: number; readonly span: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number; readonly span: number }

export interface Template {
  readonly parts: readonly TemplatePart[]
  /** Paths that `{{file:…}}` names. */
  readonly files: readonly string[]
}

/** What a template is filled with. */
export interface TemplateContext {
  /** What `{{counter}}` is; the caller counts. */
  readonly counter: number
  /** What the pattern found; left out or null, `$1` is empty. */
  readonly match?: PatternMatch | null
  /** The bytes of a file that the template names. Asked only where it does. */
  readonly file?: (path: string) => Uint8Array
  /** Wall clock in ms since 1970; left out: now. */
  readonly nowMs?: number
}

const encoder = new TextEncoder()
const empty = new Uint8Array(0)

export interface TemplateOptions {
  /** Whether `$` stands for what a pattern found (as is the case where nothing is said), or for itself. */
  readonly captures?: boolean
  /** The bytes of literal text, where it is not UTF-8 with C escapes or hex. */
  readonly literal?: (text: string) => Notation
}

const wrong = (message: string, at: number, span: number): TextResult<never> => ({
  ok: false,
  failure: { code: 'bad-argument', message, at, span },
})

const macroNames = '{{counter}}, {{now}}, {{unix}}, {{uuid}}, {{random:N}} and {{file:PATH}}'

/** What stands between `{{` and `}}`, which begin and end at `at` over `span` units. */
const macroOf = (inside: string, at: number, span: number): TextResult<TemplatePart> => {
  const colon = inside.indexOf(':')
  const name = (colon < 0 ? inside : inside.slice(0, colon)).trim()
  const argument = colon < 0 ? null : inside.slice(colon + 1).trim()
  if (name === 'random') {
    const count = /^\d{1,6}$/.test(argument ?? '') ? Number(argument) : 0
    return count >= 1 && count <= maxRandomBytes
      ? { ok: true, value: { kind: 'random', count } }
      : wrong(`{{random:N}} takes a number of bytes from 1 to ${maxRandomBytes}, for example {{random:16}}`, at, span)
  }
  if (name === 'file')
    return argument === null || argument === ''
      ? wrong('{{file:PATH}} takes the path of a file', at, span)
      : { ok: true, value: { kind: 'file', path: argument } }
  if (name === 'counter' || name === 'now' || name === 'unix' || name === 'uuid')
    return argument === null
      ? { ok: true, value: { kind: name } }
      : wrong(`{{${name}}} takes nothing behind it`, at, span)
  return wrong(`{{${name}}} is no macro; there are ${macroNames}; write \\x7b for a brace`, at, span)
}

const dollarOf = (text: string, at: number): TextResult<{ part: TemplatePart; span: number }> => {
  const group = /^\$(?:(\d{1,2})|\{(?:(\d{1,2})|([A-Za-z_$][\w$]*))\})/.exec(text.slice(at, at + 200))
  if (group === null)
    return wrong(
      'A $ takes a group’s number or its name in braces; write $$ for a dollar',
      at,
      Math.min(2, text.length - at),
    )
  const span = group[0].length
  const number = group[1] ?? group[2]
  const part: TemplatePart =
    number === undefined
      ? { kind: 'name', name: group[3]!, at, span }
      : { kind: 'group', group: Number(number), at, span }
  return { ok: true, value: { part, span } }
}

/**
 * Reads a template. `text`: C escapes (notation.ts), `hex`: pairs of hex digits; in both `{{counter}}`, `{{now}}` (ISO 8601,
 * UTC), `{{unix}}` (seconds), `{{uuid}}`, `{{random:N}}` (N bytes) and `{{file:PATH}}`; `$0` … `$99` and `${name}` for what
 * the pattern found, `$$` for a dollar.
 */
export const parseTemplate = (
  text: string,
  notation: 'text' | 'hex',
  options: TemplateOptions = {},
): TextResult<Template> => {
  const captures = options.captures ?? true
  const literal = options.literal ?? (notation === 'hex' ? parseHex : parseEscapes)
  const parts: TemplatePart[] = []
  // In text a backslash takes the character behind it along, whatever that is.
  const token = notation === 'hex' ? /\{\{|\$/g : /\\[\s\S]|\{\{|\$/g
  let start = 0
  let failure: TextResult<never> | null = null
  const takeLiteral = (end: number): boolean => {
    if (end === start) return true
    const parsed = literal(text.slice(start, end))
    if (parsed.ok) {
      if (parsed.bytes.length > 0) parts.push({ kind: 'bytes', bytes: parsed.bytes })
      return true
    }
    failure = wrong(parsed.message, start + parsed.at, parsed.span)
    return false
  }
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const at = match.index
    const [word] = match
    if (word === '{{') {
      if (!takeLiteral(at)) return failure!
      const close = text.indexOf('}}', at)
      if (close < 0) return wrong('{{ is not closed; write \\x7b for a brace', at, 2)
      const macro = macroOf(text.slice(at + 2, close), at, close + 2 - at)
      if (!macro.ok) return macro
      parts.push(macro.value)
      start = close + 2
    } else if (word === '$' && captures) {
      if (!takeLiteral(at)) return failure!
      if (text[at + 1] === '$') {
        parts.push({ kind: 'bytes', bytes: encoder.encode('$') })
        start = at + 2
      } else {
        const dollar = dollarOf(text, at)
        if (!dollar.ok) return dollar
        parts.push(dollar.value.part)
        start = at + dollar.value.span
      }
    } else continue
    token.lastIndex = start
  }
  if (!takeLiteral(text.length)) return failure!
  const files = parts.flatMap((part) => (part.kind === 'file' ? [part.path] : []))
  return { ok: true, value: { parts, files } }
}

const partBytes = (part: TemplatePart, context: TemplateContext): Uint8Array => {
  switch (part.kind) {
    case 'bytes':
      return part.bytes
    case 'counter':
      return encoder.encode(String(context.counter))
    case 'now':
      return encoder.encode(new Date(context.nowMs ?? Date.now()).toISOString())
    case 'unix':
      return encoder.encode(String(Math.floor((context.nowMs ?? Date.now()) / 1000)))
    case 'uuid':
      return encoder.encode(newUuid())
    case 'random':
      return crypto.getRandomValues(new Uint8Array(part.count))
    case 'file':
      return context.file?.(part.path) ?? empty
    case 'group':
      return context.match?.groups[part.group] ?? empty
    case 'name':
      return context.match?.named[part.name] ?? empty
  }
}

/** A version 4 UUID (RFC 9562). By hand, because a page that came over plain HTTP has no `crypto.randomUUID`. */
const newUuid = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/**
 * What a template is filled with, piece by piece: views of what the pattern found, and of the template. What the pattern
 * found goes in as it came and is never read again as a template, so a peer cannot write macros.
 */
export const templatePieces = (template: Template, context: TemplateContext): Uint8Array[] =>
  template.parts.map((part) => partBytes(part, context))

/** The bytes of a template, in memory of their own. */
export const expandTemplate = (template: Template, context: TemplateContext): Uint8Array =>
  concatBytes(templatePieces(template, context))

/** What of a template's `$1` and `${name}` the pattern does not have; null where it has all. */
export const checkCaptures = (template: Template, matcher: Matcher): TextFailure | null => {
  for (const part of template.parts) {
    if (part.kind === 'group' && part.group > matcher.groupCount)
      return {
        code: 'bad-argument',
        message:
          matcher.groupCount === 0
            ? `$${part.group} stands for a group, and the pattern has none; write $$ for a dollar`
            : `$${part.group} stands for a group, and the pattern has ${matcher.groupCount}`,
        at: part.at,
        span: part.span,
      }
    if (part.kind === 'name' && !matcher.groupNames.includes(part.name))
      return {
        code: 'bad-argument',
        message: `The pattern has no group “${part.name}”; name one with (?<${part.name}>…)`,
        at: part.at,
        span: part.span,
      }
  }
  return null
}
