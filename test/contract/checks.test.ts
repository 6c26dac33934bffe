// What the border lets in, and what it says of the rest. Counterpart: preload/contract/checks.ts.

import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandNames } from '../../preload/contract/api.ts'
import {
  checkCommand,
  checkFromPage,
  checkSpec,
  formatAddress,
  maxBlockMs,
  maxGreetingBytes,
  maxNameLength,
  maxReadBytes,
  maxSendBytes,
  minCaptureBytes,
  parseHost,
  parseHostPort,
  parsePort,
} from '../../preload/contract/checks.ts'
import type { Failure, Result } from '../../preload/contract/failure.ts'
import { nothingInLab } from '../../preload/contract/faults.ts'
import { probeLevels } from '../../preload/contract/loop-columns.ts'

const failureOf = (result: Result<unknown>): Failure => {
  if (result.ok) throw new Error(`expected a failure, but got ${JSON.stringify(result.value)}`)
  return result.failure
}
const taken = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`expected a value, but: ${result.failure.message}`)
  return result.value
}

const listener = {
  role: 'listener',
  name: 'echo',
  host: '127.0.0.1',
  port: 0,
  reply: 'echo',
  greeting: new Uint8Array(),
}
const client = { role: 'client', name: '', host: 'localhost', port: 8888, connectTimeoutMs: 10_000 }
const relay = {
  role: 'relay',
  name: 'api',
  host: '::1',
  port: 8080,
  upstreamHost: 'example.test',
  upstreamPort: 80,
  connectTimeoutMs: 1,
}

/** Values of types that no field takes, as a hostile or broken page may send them. */
const strangers: readonly unknown[] = [
  undefined,
  null,
  true,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1.5,
  -1,
  2 ** 53,
  10n,
  '',
  'x',
  'x'.repeat(1_000_000),
  [],
  [1],
  {},
  Object.create(null),
  { toString: 1, valueOf: 1, length: 4, constructor: null },
  {
    toString() {
      throw new Error('asked to describe itself')
    },
  },
  Symbol('s'),
  () => 1,
  new Date(),
  new ArrayBuffer(8),
  new Uint16Array(4),
]

/** For every command: arguments that are right. */
const rightArguments: Readonly<Record<(typeof commandNames)[number], readonly unknown[]>> = {
  snapshot: [null],
  createEndpoint: [{ spec: listener }, { spec: client }, { spec: relay }],
  startEndpoint: [{ endpoint: 1 }, { endpoint: 0xffff_ffff, spec: client }],
  updateEndpoint: [
    { endpoint: 1, spec: listener },
    { endpoint: 1, spec: { ...relay, lab: { upstream: nothingInLab, downstream: nothingInLab } } },
  ],
  stopAccepting: [{ endpoint: 1 }],
  stopEndpoint: [{ endpoint: 1 }],
  closeAll: [
    { endpoint: 1, how: 'close' },
    { endpoint: 1, how: 'reset' },
  ],
  removeEndpoint: [{ endpoint: 7 }],
  send: [
    { connection: 1, data: new Uint8Array() },
    { connection: 1, data: new TextEncoder().encode('Hello World!') },
  ],
  halfClose: [{ connection: 3 }],
  close: [{ connection: 3 }],
  reset: [{ connection: 3 }],
  destroy: [{ connection: 3 }],
  setProbe: probeLevels.map((level) => ({ level })),
  blockLoop: [{ durationMs: 1 }, { durationMs: maxBlockMs }],
  heldChunks: [{ endpoint: 1, limit: 100 }],
  relayTraffic: [{ endpoint: 1 }],
  forwardHeld: [
    { endpoint: 1, chunks: null },
    { endpoint: 1, chunks: [3], data: new Uint8Array(2) },
  ],
  dropHeld: [{ endpoint: 1, chunks: [1, 2] }],
  startRun: [
    {
      run: {
        kind: 'repeat',
        name: 'ping',
        on: { connection: 1 },
        message: { parts: [{ kind: 'bytes', bytes: new Uint8Array(4) }, { kind: 'counter' }], macros: 'ascii' },
        everyMs: 10,
        times: null,
      },
    },
    {
      run: {
        kind: 'sequence',
        name: '',
        on: { newClient: client },
        steps: [
          { kind: 'expect', name: '', pattern: { match: 'regex', text: '^220' }, timeoutMs: 1 },
          { kind: 'close', name: 'end', how: 'half-close' },
        ],
      },
    },
  ],
  stopRun: [{ run: 1 }],
  writePaced: [
    { connection: 1, origin: null, chunks: [] },
    { connection: 1, origin: 12.5, chunks: [{ atMs: 0, data: new Uint8Array(3) }] },
  ],
  startExport: [
    { export: { format: 'pcapng', filter: {}, direction: 'both', comments: true }, to: 'page' },
    { export: { format: 'raw', filter: { connections: [1] }, direction: 'sent', comments: false }, to: 'file' },
  ],
  continueExport: [{ id: 1 }],
  cancelExport: [{ id: 1 }],
  startImport: [{ name: 'dump.pcapng' }],
  continueImport: [{ id: 1, data: new Uint8Array(2), done: false }],
  cancelImport: [{ id: 1 }],
  startReplay: [
    { replay: { connection: 1, direction: 'received', host: '127.0.0.1', port: 80, speed: 0, waitMs: 1000 } },
    { replay: { connection: 1, direction: 'sent', host: '::1', port: 1, speed: 2.5, waitMs: 1 } },
  ],
  continueReplay: [{ id: 1 }],
  cancelReplay: [{ id: 1 }],
  waitUntilWritable: [{ connection: 1 }],
  listIdentities: [null],
  importIdentity: [
    { name: 'own', certificatePem: 'x', keyPem: 'y' },
    { name: 'two words', certificatePem: 'x', keyPem: 'y', passphrase: 'z' },
  ],
  removeIdentity: [{ name: 'own' }],
  exportCertificate: [{ name: 'generated' }],
  exportAuthority: [null],
  keyLogFile: [null],
  readPayload: [{ seq: 0 }, { seq: Number.MAX_SAFE_INTEGER }],
  restartEngine: [null],
  listLessons: [null],
  runLesson: [{ lesson: 'echo' }, { lesson: 'echo', source: 'console.log(1)' }],
  listCaptures: [null],
  openCapture: [{ capture: 'a1' }],
  chooseCapture: [null],
  viewLive: [null],
  saveCapture: [
    { capture: 'a1', name: 'Tuesday.wireloop' },
    { capture: 'a1', name: 'два дня (2)' },
  ],
  deleteCapture: [{ capture: 'a1' }],
  compactCapture: [{ capture: 'a1' }],
  checkCapture: [{ capture: 'a1' }],
  recording: [null],
  setCaptureLimits: [
    { limits: { maxBytes: minCaptureBytes, maxDays: null, snapBytes: null } },
    { limits: { maxBytes: 2 ** 40, maxDays: 0.5, snapBytes: 0 } },
  ],
  readEvents: [{ fromSeq: 0, maxBytes: maxReadBytes }],
  readLoopRecords: [{ fromRecord: 1, maxBytes: 1 }],
  seekTime: [{ at: 0 }, { at: -1.5 }],
  filterEvents: [
    { filter: {} },
    { filter: { endpoints: [1], connections: [1, 2], kinds: ['data-sent'] } },
    { filter: { where: 'size>1024 not /PONG/' }, fromSeq: 7 },
  ],
  readSummaries: [{ fromSegment: 0 }, { fromSegment: 7, connections: [1] }],
  readLoopSummaries: [{ fromSegment: 0 }],
  readConnections: [{ fromConnection: 1, limit: 1 }],
  startSearch: [
    { search: { pattern: '68 ?? 6c', notation: 'hex', ignoreCase: false, filter: {} } },
    { search: { pattern: 'a', notation: 'regex', ignoreCase: true, filter: { kinds: [] } } },
  ],
  continueSearch: [{ search: 1 }],
  cancelSearch: [{ search: 1 }],
  bookmarks: [null],
  setBookmark: [
    { seq: 1, note: '' },
    { seq: 1, note: null },
  ],
  readWorkspace: [null],
  readMessageFile: [{ path: 'requests/hello.bin' }],
  writeWorkspacePart: [
    { part: 'messages', value: [], revision: 0 },
    {
      part: 'sequences',
      value: [
        {
          id: 's1',
          name: 'login',
          target: null,
          steps: [
            { kind: 'send', name: '', text: 'PING', mode: 'text', encoding: 'utf-8', ending: 'crlf' },
            { kind: 'expect', name: '', pattern: { match: 'prefix', text: '+PONG' }, timeoutMs: 1000 },
          ],
        },
      ],
      revision: 7,
    },
    { part: 'endpoints', value: [{ id: 'e1', spec: listener }], revision: 1 },
  ],
}

const withoutArguments: readonly string[] = [
  'snapshot',
  'restartEngine',
  'listLessons',
  'listCaptures',
  'chooseCapture',
  'viewLive',
  'recording',
  'bookmarks',
  'readWorkspace',
  'listIdentities',
  'exportAuthority',
  'keyLogFile',
]
/** Fields that may be left out. */
const optional: Readonly<Record<string, string>> = {
  forwardHeld: 'data',
  importIdentity: 'passphrase',
  startEndpoint: 'spec',
  runLesson: 'source',
  readSummaries: 'connections',
  filterEvents: 'fromSeq',
}

describe('A command', () => {
  it.each(commandNames)('%s is let in with the arguments it asks for, unchanged', (name) => {
    for (const args of rightArguments[name])
      expect(checkCommand(name, args)).toEqual({ ok: true, value: { name, args } })
  })

  it.each(commandNames)('%s is refused with any other argument, and nothing throws', (name) => {
    for (const args of strangers) {
      if (args === null && withoutArguments.includes(name)) continue
      expect(failureOf(checkCommand(name, args))).toMatchObject({ code: 'bad-argument' })
    }
  })

  it.each(commandNames.filter((name) => !withoutArguments.includes(name)))(
    '%s is refused where one field is missing, foreign or of another type, and the path names the field',
    (name) => {
      for (const args of rightArguments[name] as readonly Record<string, unknown>[]) {
        for (const field of Object.keys(args)) {
          const { [field]: _, ...rest } = args
          if (optional[name] !== field)
            expect(failureOf(checkCommand(name, rest))).toMatchObject({ code: 'bad-argument', path: field })
          for (const value of [Symbol('s'), { toString: 1, valueOf: 1 }, undefined, ['a'], () => 1]) {
            const failure = failureOf(checkCommand(name, { ...args, [field]: value }))
            expect(failure.code).toBe('bad-argument')
            expect(failure.path?.split('.')[0]).toBe(field)
          }
        }
        expect(failureOf(checkCommand(name, { ...args, extra: 1 }))).toMatchObject({
          code: 'bad-argument',
          path: 'extra',
        })
      }
    },
  )

  it.each([...strangers, 'toString', 'constructor', '__proto__', 'hasOwnProperty', 'Snapshot', 'snapshot '])(
    'is refused under a name that is none (%#)',
    (name) => {
      const failure = failureOf(checkCommand(name, null))
      expect(failure.code).toBe('bad-argument')
      expect(failure.message).toMatch(/^There is no command /)
      expect(failure.message.length).toBeLessThan(120)
    },
  )

  it('takes an id from 1 to the largest of 32 bits', () => {
    for (const connection of [0, -1, 1.5, Number.NaN, 0x1_0000_0000, '1', null])
      expect(failureOf(checkCommand('halfClose', { connection })).path).toBe('connection')
  })

  it('sends at most 16 MiB at once, and says so', () => {
    expect(checkCommand('send', { connection: 1, data: new Uint8Array(maxSendBytes) }).ok).toBe(true)
    const failure = failureOf(checkCommand('send', { connection: 1, data: new Uint8Array(maxSendBytes + 1) }))
    expect(failure).toEqual({
      code: 'bad-argument',
      message: '16777217 bytes are more than the 16777216 bytes taken at once',
      path: 'data',
    })
  })

  it('takes bytes out of the frame that they came in, so that no more than them is passed on', () => {
    const frame = Buffer.alloc(64 * 1024, 'Hello')
    const checked = checkCommand('send', { connection: 1, data: frame.subarray(5, 10) })
    const { data } = taken(checked).args as { data: Uint8Array }
    expect([new TextDecoder().decode(data), data.byteOffset, data.buffer.byteLength]).toEqual(['Hello', 0, 5])
  })

  it('sends bytes and nothing that looks like them', () => {
    for (const data of ['Hello', [72, 101], new ArrayBuffer(4), new Uint16Array(2), new DataView(new ArrayBuffer(2))])
      expect(failureOf(checkCommand('send', { connection: 1, data }))).toMatchObject({ path: 'data' })
  })

  it('ends connections by close or reset only', () => {
    expect(failureOf(checkCommand('closeAll', { endpoint: 1, how: 'kill' }))).toMatchObject({
      path: 'how',
      message: 'Connections are ended by “close” or “reset”',
    })
  })

  it('names the field of a spec inside of its argument', () => {
    expect(failureOf(checkCommand('createEndpoint', { spec: { ...listener, port: 70000 } }))).toEqual({
      code: 'bad-argument',
      message: 'Port 70000 is not a whole number from 0 to 65535',
      path: 'spec.port',
    })
  })

  it.each(['', '.', '..', '.hidden', 'a/b', '..\\b', 'a\0', 'a\n', 'C:', 'a?', 'dot.', 'space ', 'x'.repeat(201)])(
    'saves a capture under no name that is a path or no name everywhere: “%s”',
    (name) => {
      expect(failureOf(checkCommand('saveCapture', { capture: 'a1', name }))).toMatchObject({ path: 'name' })
    },
  )

  it('never throws and never lets in what is not its shape, for any value at all', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...commandNames),
        fc.anything({ withNullPrototype: true, withBigInt: true }),
        (name, args) => {
          const checked = checkCommand(name, args)
          if (checked.ok) expect(args).toBeNull()
          else expect(checked.failure.code).toBe('bad-argument')
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('A spec', () => {
  it('of a listener, a client or a relay is right as a whole', () => {
    for (const spec of [listener, client, relay]) expect(checkSpec(spec)).toEqual({ ok: true, value: spec })
  })

  it.each([
    ['a port above the last', { ...listener, port: 70000 }, 'port', 'Port 70000 is not a whole number from 0 to 65535'],
    ['a port below the first', { ...listener, port: -1 }, 'port', 'Port -1 is not a whole number from 0 to 65535'],
    ['half a port', { ...listener, port: 80.5 }, 'port', 'Port 80.5 is not a whole number from 0 to 65535'],
    ['a port as text', { ...listener, port: '80' }, 'port', 'Port “80” is not a whole number from 0 to 65535'],
    ['port 0 of a peer', { ...client, port: 0 }, 'port', /use a port from 1 to 65535$/],
    ['upstream port 0', { ...relay, upstreamPort: 0 }, 'upstreamPort', /use a port from 1 to 65535$/],
    ['upstream port 70000', { ...relay, upstreamPort: 70000 }, 'upstreamPort', /^Port 70000 is not/],
    [
      'a host with a space',
      { ...client, host: 'a b' },
      'host',
      /^Host “a b” is not a name or an address; try 127\.0\.0\.1/,
    ],
    ['no host', { ...client, host: '' }, 'host', /^Host “” is not/],
    [
      'an upstream host with a slash',
      { ...relay, upstreamHost: 'http://a' },
      'upstreamHost',
      /^Host “http:\/\/a” is not/,
    ],
    ['a host in brackets', { ...relay, host: '[::1]' }, 'host', /^Host “\[::1\]” is not/],
    ['a host that is too long', { ...client, host: 'a'.repeat(254) }, 'host', 'A host name has at most 253 characters'],
    [
      'a name that is too long',
      { ...client, name: 'x'.repeat(maxNameLength + 1) },
      'name',
      'A name has at most 100 characters',
    ],
    ['a name that is no text', { ...client, name: 1 }, 'name', 'The name must be text'],
    [
      'an unknown reply',
      { ...listener, reply: 'shout' },
      'reply',
      'Reply “shout” is none of echo, echo-close, discard, none',
    ],
    ['a greeting as text', { ...listener, greeting: 'hi' }, 'greeting', 'Expected bytes (a Uint8Array)'],
    [
      'a greeting that is too long',
      { ...listener, greeting: new Uint8Array(maxGreetingBytes + 1) },
      'greeting',
      '65537 bytes are more than the 65536 bytes taken at once',
    ],
    [
      'a timeout of nothing',
      { ...client, connectTimeoutMs: 0 },
      'connectTimeoutMs',
      'The connect timeout is at least 1 ms',
    ],
    ['a timeout of days', { ...client, connectTimeoutMs: 1e9 }, 'connectTimeoutMs', /at most one hour/],
    ['another role', { ...client, role: 'server' }, 'role', 'An endpoint is a listener, a client or a relay'],
    ['the fields of another role', { ...listener, port: 1, role: 'client' }, 'connectTimeoutMs', /connectTimeoutMs/],
  ])('with %s says so, with the path of the field', (_, spec, path, message) => {
    const failure = failureOf(checkSpec(spec))
    expect(failure).toMatchObject({ code: 'bad-argument', path })
    expect(failure.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  it('of ten megabytes is refused like a short one', () => {
    for (const host of [
      ':'.repeat(10_000_000),
      'a'.repeat(10_000_000),
      `${'a.'.repeat(5_000_000)}!`,
      '00:'.repeat(3_000_000),
    ])
      expect(failureOf(checkSpec({ ...client, host })).message).toBe('A host name has at most 253 characters')
    expect(failureOf(checkSpec({ ...client, name: 'x'.repeat(10_000_000) })).path).toBe('name')
    expect(failureOf(checkSpec({ ...client, port: '8'.repeat(10_000_000) })).message.length).toBeLessThan(150)
  })
})

describe('A host as a person types it', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    [' localhost ', 'localhost'],
    ['LOCALHOST', 'LOCALHOST'],
    ['example.com.', 'example.com.'],
    ['my_host-1.test', 'my_host-1.test'],
    ['1', '1'],
    ['::', '::'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['[fe80::1%en-0.1]', 'fe80::1%en-0.1'],
    ['::ffff:127.0.0.1', '::ffff:127.0.0.1'],
    ['2001:DB8::1', '2001:DB8::1'],
  ])('%j is %s', (text, host) => {
    expect(taken(parseHost(text))).toBe(host)
  })

  it.each([
    '',
    ' ',
    ':',
    ':::',
    '1::2::3',
    '1:2',
    '00:1a:2b:3c:4d:5e',
    '127.0.0.1:80',
    'a b',
    'a\nb',
    '-a',
    'a-',
    '.a',
    'a/b',
    'a:b',
    'a@b',
    '*',
    'http://a',
    '[::1',
    '::1]',
    '[[::1]]',
    '::1%',
    '::1%a b',
    'é.test',
    'a\0',
    '\u202ea',
  ])('%j is none', (text) => {
    expect(failureOf(parseHost(text)).message).toMatch(
      /is not a name or an address; try 127\.0\.0\.1, ::1 or localhost$/,
    )
  })

  it('is told apart from one that is too long, at the very character', () => {
    expect(taken(parseHost('a'.repeat(253)))).toHaveLength(253)
    expect(failureOf(parseHost('a'.repeat(254))).message).toBe('A host name has at most 253 characters')
  })
})

describe('An IPv6 address', () => {
  it('is what node:net takes for one, for addresses and for what almost is one', () => {
    const piece = fc.constantFrom(':', '::', '0', 'f00d', 'A', '12345', 'g', '1.2.3.4', '1.2.3', '256.1.1.1', '.')
    const almost = fc.array(piece, { maxLength: 18 }).map((pieces) => pieces.join(''))
    const list = fc.array(fc.constantFrom('0', 'ff', ''), { minLength: 1, maxLength: 10 }).map((all) => all.join(':'))
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), almost, list), (text) => {
        if (text.includes(':')) expect(parseHost(text).ok).toBe(isIPv6(text))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('A port as a person types it', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    [' 8888 ', 8888],
    ['0080', 80],
    ['65535', 65535],
  ])('%j is %i', (text, port) => {
    expect(taken(parsePort(text, 0))).toBe(port)
  })

  it.each([
    '',
    ' ',
    '65536',
    '70000',
    '-1',
    '+1',
    '80.0',
    '1e3',
    '0x50',
    '８０',
    '80a',
    '99999999999',
    'NaN',
    'Infinity',
  ])('%j is none', (text) => {
    expect(failureOf(parsePort(text, 0)).message).toMatch(/^Port .* is not a whole number from 0 to 65535$/)
  })

  it('is not 0 where a peer is meant', () => {
    expect(taken(parsePort('1', 1))).toBe(1)
    expect(failureOf(parsePort('0', 1)).message).toMatch(/only makes sense for listening/)
  })
})

describe('HOST:PORT as a person types it', () => {
  it.each([
    ['127.0.0.1:8888', '127.0.0.1', 8888],
    [' localhost:1 ', 'localhost', 1],
    ['[::1]:8080', '::1', 8080],
    ['[fe80::1%eth0]:80', 'fe80::1%eth0', 80],
  ])('%j is %s and %i, with a default host or without', (text, host, port) => {
    expect(taken(parseHostPort(text, 0))).toEqual({ host, port })
    expect(taken(parseHostPort(text, 0, 'other'))).toEqual({ host, port })
  })

  it.each(['8888', ':8888'])('%j takes the default host, and needs one', (text) => {
    expect(taken(parseHostPort(text, 0, '127.0.0.1'))).toEqual({ host: '127.0.0.1', port: 8888 })
    expect(failureOf(parseHostPort(text, 0))).toEqual({
      code: 'bad-argument',
      message: `“${text}” names no host; write HOST:PORT, for example 127.0.0.1:8888`,
      path: 'host',
    })
  })

  it.each([
    ['::1:8080', 'host', 'Write the IPv6 address in brackets: [::1]:8080'],
    ['[::1]', 'host', '“[::1]” is not HOST:PORT (write an IPv6 address as [::1]:8080)'],
    ['[::1]8080', 'host', '“[::1]8080” is not HOST:PORT (write an IPv6 address as [::1]:8080)'],
    ['a b:80', 'host', 'Host “a b” is not a name or an address; try 127.0.0.1, ::1 or localhost'],
    ['localhost:70000', 'port', 'Port 70000 is not a whole number from 0 to 65535'],
    ['localhost:', 'port', 'Port “” is not a whole number from 0 to 65535'],
    ['localhost', 'port', 'Port “localhost” is not a whole number from 0 to 65535'],
    ['http://a:80', 'host', '“http://a:80” is not HOST:PORT (write an IPv6 address as [::1]:8080)'],
    ['http://a:80/', 'host', '“http://a:80/” is not HOST:PORT (write an IPv6 address as [::1]:8080)'],
    ['', 'port', 'Port “” is not a whole number from 0 to 65535'],
  ])('%j is wrong, and the path says in which part', (text, path, message) => {
    const failure = failureOf(parseHostPort(text, 0, '127.0.0.1'))
    expect(failure).toMatchObject({ code: 'bad-argument', path })
    expect(failure.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  it('refuses port 0 where a peer is meant', () => {
    expect(failureOf(parseHostPort('localhost:0', 1))).toMatchObject({ path: 'port' })
  })

  it('of ten megabytes is refused', () => {
    for (const piece of [':', '[', ']', 'a:', '1', '[]:'])
      expect(parseHostPort(piece.repeat(10_000_000 / piece.length), 0).ok).toBe(false)
  })

  it('is what formatAddress writes, for names and for addresses of both kinds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), fc.integer({ min: 0, max: 65535 }), (host, port) => {
        expect(taken(parseHostPort(formatAddress({ host, port }), 0))).toEqual({ host, port })
      }),
    )
  })
})

describe('A message of a page on the event pipe', () => {
  it('subscribes from a seq or gives credit', () => {
    for (const message of [
      { type: 'subscribe', fromSeq: 0 },
      { type: 'subscribe', fromSeq: Number.MAX_SAFE_INTEGER },
      { type: 'credit', bytes: 0 },
      { type: 'credit', bytes: 65536 },
    ])
      expect(checkFromPage(message)).toEqual({ ok: true, value: message })
  })

  it.each([
    ...strangers,
    { type: 'subscribe' },
    { type: 'subscribe', fromSeq: -1 },
    { type: 'subscribe', fromSeq: 1.5 },
    { type: 'subscribe', fromSeq: '1' },
    { type: 'subscribe', fromSeq: 2 ** 53 },
    { type: 'subscribe', fromSeq: 1, bytes: 1 },
    { type: 'credit' },
    { type: 'credit', bytes: -1 },
    { type: 'credit', bytes: Number.NaN },
    { type: 'credit', bytes: Number.POSITIVE_INFINITY },
    { type: 'batch', buffer: new ArrayBuffer(8) },
    { type: 'toString' },
  ])('is nothing else (%#)', (message) => {
    expect(failureOf(checkFromPage(message)).code).toBe('bad-argument')
  })
})
