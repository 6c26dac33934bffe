// What templates are filled with, and what is wrong with them where. Counterpart: preload/contract/templates.ts.
import { describe, expect, it } from 'vitest'
import { compilePattern, type Matcher } from '../../preload/contract/patterns.ts'
import {
  checkCaptures,
  expandTemplate,
  parseTemplate,
  type TemplateContext,
  type TemplateOptions,
} from '../../preload/contract/templates.ts'

const latin1 = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const matcherOf = (regex: string): Matcher => {
  const compiled = compilePattern({ match: 'regex', text: regex })
  if (!compiled.ok) throw new Error(compiled.failure.message)
  return compiled.value
}

const filled = (
  template: string,
  context: Partial<TemplateContext> = {},
  notation: 'text' | 'hex' = 'text',
  options: TemplateOptions = {},
) => {
  const parsed = parseTemplate(template, notation, options)
  if (!parsed.ok) throw new Error(parsed.failure.message)
  return Buffer.from(expandTemplate(parsed.value, { counter: 1, ...context })).toString('latin1')
}

describe('templates', () => {
  it('are bytes with escapes, or hex', () => {
    expect(filled('a\\r\\n\\x00é')).toBe('a\r\n\0\xc3\xa9')
    expect(filled('41 0d,0a', {}, 'hex')).toBe('A\r\n')
    expect(filled('')).toBe('')
  })

  it('take the groups of the match, by number and by name, and leave out what took no part', () => {
    const match = matcherOf('GET (?<key>\\w+)( x)?')(latin1('GET k\xe9'))!
    expect(filled(`<$0|$1|\${key}|$2|\${1}0>`, { match })).toBe('<GET k|k|k||k0>')
    expect(filled('$$1 costs $$', { match })).toBe('$1 costs $')
    expect(filled('24 $1 24', { match }, 'hex')).toBe('$k$')
  })

  it('put in what was captured as it came: a peer writes no macros', () => {
    const hostile = '{{file:/etc/passwd}} $1 \\x41 \xff\0'
    const match = matcherOf('(?<all>[^]*)')(latin1(hostile))!
    expect(filled('$1', { match })).toBe(hostile)
    expect(filled(`\${all}`, { match }, 'hex')).toBe(hostile)
  })

  it('fill in counters, times, random bytes, unique ids and files', () => {
    const nowMs = Date.UTC(2026, 10, 22, 23, 59, 59, 7)
    expect(filled('{{counter}} {{now}} {{ unix }}', { counter: 42, nowMs })).toBe(
      `42 2026-11-22T23:59:59.007Z ${Math.floor(nowMs / 1000)}`,
    )
    expect(filled('{{uuid}}')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(filled('{{uuid}}')).not.toBe(filled('{{uuid}}'))
    expect(filled('{{random:16}}')).toHaveLength(16)
    expect(filled('{{random:16}}')).not.toBe(filled('{{random:16}}'))
    expect(filled('<{{file:a b.bin}}>', { file: (path) => latin1(`${path}\\x41$1`) })).toBe('<a b.bin\\x41$1>')
    const parsed = parseTemplate('{{file:a}}{{file:C:\\b}}', 'text')
    expect(parsed.ok && parsed.value.files).toEqual(['a', 'C:\\b'])
  })

  it('leave the dollar alone where nothing is captured', () => {
    expect(filled('$5 {{counter}}', {}, 'text', { captures: false })).toBe('$5 1')
  })

  it('take an escaped brace for itself', () => {
    expect(filled('\\x7b{counter}}')).toBe('{{counter}}')
  })

  it.each([
    ['ab\\q', 'text', 2, 2, '\\q is no escape'],
    ['{{counter}}ab\\q', 'text', 13, 2, '\\q is no escape'],
    ['ab{{nope}}', 'text', 2, 8, '{{nope}} is no macro'],
    ['ab{{now', 'text', 2, 2, 'not closed'],
    ['{{random}}', 'text', 0, 10, 'number of bytes from 1 to 65536'],
    ['{{random:70000}}', 'text', 0, 16, 'number of bytes from 1 to 65536'],
    ['{{file:}}', 'text', 0, 9, 'takes the path'],
    ['{{now:x}}', 'text', 0, 9, 'takes nothing behind it'],
    ['a $ b', 'text', 2, 2, 'write $$'],
    ['41 4', 'hex', 3, 1, 'not a pair'],
    ['{{now}} 4x', 'hex', 8, 2, 'not a pair'],
  ] as const)('say what is wrong with %j as %s, and where', (template, notation, at, span, words) => {
    const parsed = parseTemplate(template, notation)
    expect(parsed).toMatchObject({ ok: false, failure: { code: 'bad-argument', at, span } })
    expect(!parsed.ok && parsed.failure.message).toContain(words)
  })

  it.each([
    ['VAL $2', 4, 2, 'the pattern has 1'],
    [`x\${value}`, 1, 8, 'no group “value”'],
  ] as const)('say which group of %j the pattern does not have', (template, at, span, words) => {
    const parsed = parseTemplate(template, 'text')
    const failure = parsed.ok ? checkCaptures(parsed.value, matcherOf('(?<key>.)')) : null
    expect(failure).toMatchObject({ at, span })
    expect(failure!.message).toContain(words)
    expect(parsed.ok && checkCaptures(parsed.value, matcherOf('(?<value>.)(.)'))).toBe(null)
  })
})
