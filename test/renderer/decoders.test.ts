// The inspector's decoders: what they read, where it stands in the bytes, and that nothing a peer sends makes them hang,
// throw or grow beyond their bounds. Counterpart: renderer/decoders.
import { decode as decodeByLibrary, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { textEncodings } from '../../preload/contract/encodings.ts'
import { type DecoderId, decodeAs, detect, formats } from '../../renderer/decoders/decode.ts'
import { type Decoded, decodeBounds, type Field } from '../../renderer/decoders/decoded.ts'
import { decodeHttp } from '../../renderer/decoders/http.ts'
import { decodeJson } from '../../renderer/decoders/json.ts'
import { decodeMsgpack } from '../../renderer/decoders/msgpack.ts'
import { numbersAt } from '../../renderer/decoders/numbers.ts'
import { decodeProtobuf } from '../../renderer/decoders/protobuf.ts'
import { decodeResp } from '../../renderer/decoders/resp.ts'
import { decodeText, guessEncoding } from '../../renderer/decoders/texts.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** A tree in one line, `name=value(children)`. */
const said = ({ name, value, children }: Field): string =>
  `${name}=${value}${children.length === 0 ? '' : `(${children.map(said).join(' ')})`}`
const lines = ({ fields }: Decoded): string[] => fields.map(said)
const every = (fields: readonly Field[]): Field[] => fields.flatMap((field) => [field, ...every(field.children)])

const allDecoders: DecoderId[] = [...formats, ...textEncodings.map((encoding) => `text:${encoding}` as const)]

/** What holds for any tree: it is bounded, in order, and every field lies inside of its parent's bytes. */
const expectSound = (decoded: Decoded, length: number) => {
  const all = every(decoded.fields)
  expect(all.length).toBeLessThanOrEqual(decodeBounds.fields + 1)
  expect(decoded.end).toBeLessThanOrEqual(length)
  const look = (fields: readonly Field[], from: number, to: number, depth: number) => {
    expect(depth).toBeLessThanOrEqual(decodeBounds.depth + 1)
    let at = from
    for (const field of fields) {
      expect(field.from).toBeGreaterThanOrEqual(at)
      expect(field.to).toBeLessThanOrEqual(to)
      expect(field.value).not.toMatch(/\p{Cc}|\p{Cf}/u)
      look(field.children, field.from, field.to, depth + 1)
      at = field.from
    }
  }
  look(decoded.fields, 0, length, 0)
}

describe('A decoder', () => {
  test('reads any bytes at all without throwing, within its bounds', () => {
    const seeds = [
      '{"a":[1,{"b":"\\u0041"}]}',
      '*2\r\n$3\r\nGET\r\n',
      'GET / HTTP/1.1\r\nA: b\r\n\r\n',
      '%1\r\n+a\r\n:1\r\n',
    ].map(bytes)
    const broken = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(40), fc.nat(255), fc.nat(40))
      .map(([seed, at, byte, cut]) => {
        const copy = seed.slice(0, Math.max(1, seed.length - cut))
        copy[at % copy.length] = byte
        return copy
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), broken), (any) => {
        for (const id of allDecoders) expectSound(decodeAs(id, any), any.length)
        const found = detect(any)
        if (found !== null) expect(allDecoders).toContain(found)
      }),
      { numRuns: 300 },
    )
  })

  test('stops at its bounds and says which', () => {
    expect(decodeJson(bytes('['.repeat(5000))).problem).toMatchObject({ code: 'too-deep' })
    expect(decodeResp(bytes('*1\r\n'.repeat(5000))).problem).toMatchObject({ code: 'too-deep' })
    expect(decodeMsgpack(new Uint8Array(5000).fill(0x91)).problem).toMatchObject({ code: 'too-deep' })
    expect(decodeJson(bytes(`[${'1,'.repeat(5000)}1]`)).problem).toMatchObject({ code: 'too-many' })
    expect(decodeMsgpack(hex('dd ffffffff')).problem).toMatchObject({ code: 'ends-early', at: 5 })
    expect(decodeMsgpack(hex('db ffffffff')).problem).toMatchObject({ code: 'ends-early' })
    expect(decodeResp(bytes('$99999999999\r\n')).problem).toMatchObject({ code: 'unexpected' })
    const long = bytes(`"${'a'.repeat(decodeBounds.bytes)}"`)
    expect(decodeJson(long).problem).toMatchObject({ code: 'too-long' })
    expect(decodeText(new Uint8Array(decodeBounds.bytes + 1).fill(0x61), 'utf-8').problem?.code).toBe('too-long')
    expect(decodeText(new Uint8Array(5000).fill(0x0a), 'utf-8').problem?.code).toBe('too-many')
    // Deep messages within messages are read once, not once a level.
    let nested = hex('08 01')
    for (let i = 0; i < 60; i++) nested = Uint8Array.from([0x0a, ...varint(nested.length), ...nested])
    expectSound(decodeProtobuf(nested), nested.length)
  })
})

const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)])

describe('JSON', () => {
  test('keeps numbers as they are written, and knows where everything stands', () => {
    const text = '{"id": 12345678901234567890.5e-3, "ok": [true, null, "a\\n\\u00e9"]}'
    const decoded = decodeJson(bytes(text))
    expect(lines(decoded)).toEqual(['={2}(id=12345678901234567890.5e-3 ok=[3](0=true 1=null 2=a\\né))'])
    const [id, ok] = decoded.fields[0]!.children
    expect(text.slice(id!.from, id!.to)).toBe('"id": 12345678901234567890.5e-3')
    expect(text.slice(ok!.children[2]!.from, ok!.children[2]!.to)).toBe('"a\\n\\u00e9"')
  })

  test('agrees with the language about what JSON is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const { problem, fields } = decodeJson(bytes(text))
        if (problem === null || problem.code === 'unexpected') expect([problem, fields.length]).toEqual([null, 1])
      }),
    )
    for (const wrong of ['{"a":}', '[1,]', '{a:1}', '01', 'tru', '"\t"', '"\\x"', '[1}', '-'])
      expect([wrong, decodeJson(bytes(wrong)).problem?.code]).toEqual([wrong, 'unexpected'])
    expect(decodeJson(bytes('{"a":1}\n{"a":2}\n{"a"')).problem).toEqual({ code: 'ends-early', at: 20 })
    expect(decodeJson(bytes('{"a":1}\n{"a":2}\n{"a"')).fields.length).toBe(2)
  })
})

describe('HTTP/1', () => {
  test('has the first line in its parts, the fields, and a body of JSON as its tree', () => {
    const text = 'POST /a?b=1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{"a":[1]}'
    const decoded = decodeHttp(bytes(text))
    expect(lines(decoded)).toEqual([
      'request=POST /a?b=1 HTTP/1.1(method=POST target=/a?b=1 version=HTTP/1.1)',
      'Host=x',
      'Content-Type=application/json; charset=utf-8',
      'body={"a":[1]}(={1}(a=[1](0=1)))',
    ])
    const body = decoded.fields[3]!
    expect(text.slice(body.children[0]!.children[0]!.from, body.children[0]!.children[0]!.to)).toBe('"a":[1]')
    expect(lines(decodeHttp(bytes('HTTP/1.0 404 Not Found\nA:b\n\n')))).toEqual([
      'response=HTTP/1.0 404 Not Found(version=HTTP/1.0 status=404 reason=Not Found)',
      'A=b',
    ])
    expect(decodeHttp(bytes('GET / HTTP/1.1\r\nHost: x\r\n')).problem).toEqual({ code: 'ends-early', at: 25 })
  })
})

describe('RESP', () => {
  test('reads commands, replies and the types of version 3', () => {
    expect(lines(decodeResp(bytes('*2\r\n$3\r\nGET\r\n$3\r\na\r\n\r\n')))).toEqual(['=array 2(0=GET 1=a\\r\\n)'])
    expect(lines(decodeResp(bytes('+OK\r\n-ERR no\r\n:-7\r\n$-1\r\n*-1\r\n')))).toEqual([
      '=OK',
      '=ERR no',
      '=-7',
      '=null',
      '=null',
    ])
    expect(
      lines(decodeResp(bytes('%1\r\n+k\r\n~2\r\n#t\r\n,1.5\r\n_\r\n(3492890328409238509324850943850943825024385\r\n'))),
    ).toEqual(['=map 1(k=set 2(0=true 1=1.5))', '=null', '=3492890328409238509324850943850943825024385'])
    expect(decodeResp(bytes('+OK\r\n$5\r\nab')).problem).toEqual({ code: 'ends-early', at: 9 })
  })
})

describe('MessagePack', () => {
  /** A value as the tree says it. */
  const tell = (value: unknown): string => {
    if (value === null) return 'nil'
    if (Array.isArray(value))
      return `[${value.length}](${value.map((each, i) => `${i}=${tell(each)}`).join(' ')})`.replace(/\(\)$/, '')
    if (typeof value === 'object')
      return `{${Object.keys(value).length}}(${Object.entries(value)
        .map(([key, each]) => `${key}=${tell(each)}`)
        .join(' ')})`.replace(/\(\)$/, '')
    return String(value)
  }

  test('says of any value what the library says', () => {
    const scalars = fc.oneof(
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.stringMatching(/^[a-z0-9]{0,40}$/),
    )
    const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        scalars,
        fc.array(tie('value'), { maxLength: 20 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie('value'), { maxKeys: 20 }),
      ),
    }))
    fc.assert(
      fc.property(values, (value) => {
        const packed = encode(value)
        const decoded = decodeMsgpack(packed)
        if (decoded.problem?.code === 'too-deep' || decoded.problem?.code === 'too-many') return
        expect(decoded).toMatchObject({ problem: null, end: packed.length })
        expect(lines(decoded)).toEqual([`=${tell(decodeByLibrary(packed))}`])
      }),
      { numRuns: 200 },
    )
    expect(lines(decodeMsgpack(encode(new Date(1_700_000_000_000))))).toEqual(['=2023-11-14T22:13:20.000Z'])
    expect(lines(decodeMsgpack(encode(Uint8Array.of(1, 255))))).toEqual(['=01 ff'])
    expect(decodeMsgpack(Uint8Array.of(0xc1)).problem).toEqual({ code: 'unexpected', at: 0 })
  })
})

describe('Protobuf without a schema', () => {
  test('reads numbers in every likely way, messages within messages, text and bytes', () => {
    expect(lines(decodeProtobuf(hex('08 96 01')))).toEqual(['1=150, sint 75'])
    expect(lines(decodeProtobuf(hex('12 07 74 65 73 74 69 6e 67')))).toEqual(['2=testing'])
    expect(lines(decodeProtobuf(hex('1a 03 08 96 01')))).toEqual(['3={1}(1=150, sint 75)'])
    expect(lines(decodeProtobuf(hex('22 03 ff fe 00')))).toEqual(['4=ff fe 00'])
    expect(lines(decodeProtobuf(hex('2d 00 00 80 3f')))).toEqual(['5=1065353216, float 1'])
    expect(lines(decodeProtobuf(hex('08 ff ff ff ff ff ff ff ff ff 01')))).toEqual([
      '1=18446744073709551615, int -1, sint -9223372036854775808',
    ])
    expect(decodeProtobuf(hex('0b')).problem).toEqual({ code: 'unexpected', at: 0 })
    expect(decodeProtobuf(hex('12 07 74')).problem?.code).toBe('ends-early')
  })
})

describe('Text', () => {
  test('is read in the encoding that it is written in', () => {
    const korean = hex('c7d1 b1db 0a 30')
    expect(lines(decodeText(korean, 'euc-kr'))).toEqual(['1=한글', '2=0'])
    expect(guessEncoding(korean)).toBe('euc-kr')
    expect(lines(decodeText(hex('48 00 69 00 0d 00 0a 00 21 00'), 'utf-16le'))).toEqual(['1=Hi', '2=!'])
    expect(guessEncoding(hex('48 00 69 00 0d 00 0a 00 21 00'))).toBe('utf-16le')
    expect(guessEncoding(bytes('grüße 👋'.slice(0, -1)))).toBe('utf-8')
    expect(guessEncoding(bytes('grüße 👋').subarray(0, -1))).toBe('utf-8')
    expect(guessEncoding(hex('00 01 02 03'))).toBeNull()
    expect(lines(decodeText(bytes('a\u202eb\u0007'), 'utf-8'))).toEqual(['1=a\\u{202e}b\\u{7}'])
  })
})

describe('What a payload is', () => {
  test.each([
    ['http', bytes('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['http', bytes('HTTP/1.1 200 OK\r\n\r\nhello')],
    ['json', bytes(' {"a":1}\n')],
    ['json', bytes('[1,2')],
    ['resp', bytes('+PONG\r\n')],
    ['resp', bytes('*1\r\n$4\r\nPING\r\n')],
    ['msgpack', encode({ a: 1, b: [true] })],
    ['protobuf', hex('08 96 01 12 02 ff 00 1a 03 08 96 01')],
    ['text:utf-8', bytes('hello\r\n')],
    ['text:utf-8', bytes('-- a list\n- b\n')],
    ['text:euc-kr', hex('c7d1 b1db')],
    ['text:utf-16le', hex('48 00 69 00 21 00')],
  ])('is found to be %s', (id, payload) => {
    expect(detect(payload)).toBe(id)
  })

  test('is not known where nothing knows it', () => {
    expect(detect(new Uint8Array(0))).toBeNull()
    expect(detect(hex('00 00 ff ff 00 07'))).toBeNull()
  })
})

describe('Numbers at the cursor', () => {
  test('have every width, both orders of bytes, and time', () => {
    const at = new Map(numbersAt(hex('00 00 f1 53 65 00 00 00 00'), 1).map((each) => [each.type, each]))
    expect(at.get('u16')).toMatchObject({ little: '61696', big: '241', size: 2 })
    expect(at.get('i16')).toMatchObject({ little: '-3840' })
    expect(at.get('u64')).toMatchObject({ little: '1700000000' })
    expect(at.get('time64')).toMatchObject({ little: '2023-11-14T22:13:20Z' })
    expect(numbersAt(hex('01 02'), 1).map(({ type }) => type)).toEqual(['u8', 'i8'])
    expect(numbersAt(hex('01'), 1)).toEqual([])
  })
})
