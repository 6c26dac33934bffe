// What a person says on the command line about replies and framing, and what is wrong with it. Counterparts:
// main/cli/reply-options.ts, framing-option.ts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { framingText } from '../../main/cli/framing-option.ts'
import { rulesFile, ruleText } from '../../main/cli/reply-options.ts'
import { wireloop } from '../support/command-line.ts'

const plain = { name: '', on: true, once: false, notation: 'text', delayMs: 0, after: 'nothing' }
const file = (name: string, text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'wireloop-replies-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

describe('--rule', () => {
  it.each([
    ['regex:GET (\\w+) => VAL $1', { pattern: { match: 'regex', text: 'GET (\\w+)' }, reply: 'VAL $1' }],
    ['GET (\\w+)=>VAL $1', { pattern: { match: 'regex', text: 'GET (\\w+)' }, reply: 'VAL $1' }],
    ['exact:a => ', { pattern: { match: 'exact', text: 'a' }, reply: '' }],
    ['always =>', { pattern: { match: 'always', text: '' }, reply: '' }],
    ['prefix:PING  =>  PONG ', { pattern: { match: 'prefix', text: 'PING ' }, reply: ' PONG ' }],
    ['hex:4? => a => b', { pattern: { match: 'hex', text: '4?' }, reply: 'a => b' }],
    [
      'suffix:bye =>[once, delay=50,close,name=farewell] BYE',
      {
        pattern: { match: 'suffix', text: 'bye' },
        reply: 'BYE',
        once: true,
        delayMs: 50,
        after: 'close',
        name: 'farewell',
      },
    ],
    ['contains:x =>[hex,half-close] 0d 0a', { reply: '0d 0a', notation: 'hex', after: 'half-close' }],
  ])('%j is understood', (text, expected) => {
    expect(ruleText(text)).toEqual({ ...plain, pattern: { match: 'contains', text: 'x' }, ...expected })
  })

  it.each([
    ['GET', 'MATCH => REPLY'],
    ['regex:( => x', 'Unterminated group in the regular expression (at character 1)'],
    ['exact:a => {{nope}}', 'is no macro'],
    ['exact:a => $1', 'the pattern has none'],
    [' => x', 'The pattern is empty'],
    ['exact:a =>[twice] x', '“twice” is none of once'],
    ['exact:a =>[delay=soon] x', 'Use a whole number'],
  ])('%j is refused in words', (text, words) => {
    expect(() => ruleText(text)).toThrow(words)
  })
})

describe('--rules', () => {
  it('reads a list of rules, with what is left out as ever, and MATCH for a pattern', () => {
    const rules = [
      { pattern: 'prefix:PING', reply: 'PONG' },
      { pattern: { match: 'hex', text: '00 ??' }, reply: '00', notation: 'hex', once: true, name: 'binary' },
    ]
    expect(rulesFile(file('rules.json', JSON.stringify(rules)))).toEqual([
      { ...plain, pattern: { match: 'prefix', text: 'PING' }, reply: 'PONG' },
      { ...plain, ...rules[1] },
    ])
  })

  it.each([
    ['{', 'is no JSON'],
    ['{}', 'holds no list of rules'],
    ['[{"pattern":"exact:a","reply":"$1"}]', 'rule 1, reply: $1 stands for a group'],
    ['[{"pattern":"exact:a"},{"reply":"a"}]', 'rule 2, pattern'],
    ['[{"pattern":"exact:a","repyl":"a"}]', 'rule 1, repyl'],
  ])('%j is refused with its place', (text, words) => {
    const path = file('rules.json', text)
    expect(() => rulesFile(path)).toThrow(words)
  })
})

describe('--frame', () => {
  it.each([
    ['raw', { kind: 'raw' }],
    ['line', { kind: 'line' }],
    ['delimiter=\\0', { kind: 'delimiter', delimiter: new Uint8Array([0]) }],
    ['delimiter==', { kind: 'delimiter', delimiter: new Uint8Array([0x3d]) }],
    ['length=4be', { kind: 'length', size: 4, endian: 'big', offset: 0, inclusive: false }],
    ['length=2le,offset=3,inclusive', { kind: 'length', size: 2, endian: 'little', offset: 3, inclusive: true }],
    ['length=8', { kind: 'length', size: 8, endian: 'big', offset: 0, inclusive: false }],
    ['fixed=16', { kind: 'fixed', bytes: 16 }],
    ['idle=50', { kind: 'idle', idleMs: 50 }],
  ])('%j is understood', (text, expected) => {
    expect(framingText(text)).toEqual(expected)
  })

  it.each([
    'lines',
    'line=1',
    'length',
    'length=3',
    'length=4,five',
    'delimiter=',
    'delimiter=\\q',
    'fixed=0',
    'idle=x',
  ])('%j is refused', (text) => {
    expect(() => framingText(text)).toThrow(/Use|at least|no escape|no framing|no length/)
  })
})

it('wireloop listen answers by rules, and says which one matched', async () => {
  const cli = wireloop([
    'listen',
    '0',
    '--json',
    '--frame',
    'line',
    '--rule',
    'GET (\\w+) => VAL $1\\n',
    '--count',
    '1',
  ])
  const socket = connect({ port: await cli.port(), host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  socket.write('GET a\nother\n')
  let text = ''
  for await (const chunk of socket.setEncoding('latin1')) {
    text += chunk
    if (text === 'VAL a\nother\n') break
  }
  socket.end()
  expect(await cli.ended).toMatchObject({ code: 0, stderr: '' })
  const matched = cli.lines().find(({ kind }) => kind === 'rule-matched')
  expect(matched).toMatchObject({ connection: 1, rule: 0, chunk: 3, messageBytes: 6 })
})

it('wireloop listen runs a script, and tells of its lines and of how it failed', async () => {
  const path = file(
    'reply.ts',
    `export default class {
  connectionMade(transport: { write(text: string): void }) { console.log('hello'); transport.write('ready') }
  dataReceived(): void { throw new Error('enough') }
}`,
  )
  const cli = wireloop(['listen', '0', '--json', '--script', path])
  const socket = connect({ port: await cli.port(), host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  socket.once('data', () => socket.write('go'))
  await cli.line(({ kind }) => kind === 'script-logged')
  await cli.line(({ kind }) => kind === 'script-failed')
  const failed = cli.lines().find(({ kind }) => kind === 'script-failed')
  expect(failed).toMatchObject({ connection: 1, line: 3, message: 'Error: enough' })
})
