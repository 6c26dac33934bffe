// What a sequence has received, cut as it may come: the same matches however the stream is cut, each byte had once, and a
// bound on what waits.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createInbox } from '../../../main/engine/runs/inbox.ts'
import { compilePattern, type Pattern } from '../../../preload/contract/patterns.ts'
import { maxUnreadBytes } from '../../../preload/contract/runs.ts'

const matcher = (match: Pattern['match'], text: string) => {
  const compiled = compilePattern({ match, text })
  if (!compiled.ok) throw new Error(compiled.failure.message)
  return compiled.value
}
const bytes = (text: string) => Buffer.from(text, 'latin1')
const found = (match: { readonly groups: readonly (Uint8Array | null)[] } | null) =>
  match === null ? null : Buffer.from(match.groups[0]!).toString('latin1')

describe('A raw inbox', () => {
  it('finds the same patterns one after the other, wherever the stream is cut', () => {
    const stream = 'junk +OK ready\r\n-ERR no\r\n+OK bye\r\n'
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 12 }), (cuts) => {
        const inbox = createInbox(undefined)
        const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
        const first = inbox.search(matcher('contains', '+OK ready\\r\\n'))
        const matches: (string | null)[] = []
        let search: ReturnType<typeof inbox.search> | null = first
        const rest = [matcher('prefix', '-ERR'), matcher('contains', '+OK'), matcher('contains', 'bye\\r\\n')]
        for (let i = 1; i < edges.length; i++) {
          inbox.dataReceived(bytes(stream.slice(edges[i - 1], edges[i])))
          for (let match = search?.() ?? null; match !== null; match = search?.() ?? null) {
            matches.push(found(match))
            const next = rest.shift()
            search = next === undefined ? null : inbox.search(next)
          }
        }
        expect(matches).toEqual(['+OK ready\r\n', '-ERR', '+OK', 'bye\r\n'])
      }),
    )
  })

  it('lets a beginning begin behind the last send, and the last message too', () => {
    const inbox = createInbox({ kind: 'raw' })
    inbox.dataReceived(bytes('+OK\r\n'))
    expect(found(inbox.search(matcher('prefix', '+OK'))())).toBe('+OK')
    inbox.noteSent()
    expect(inbox.last).toBeNull()
    const search = inbox.search(matcher('regex', '^-ERR'))
    expect(search()).toBeNull()
    inbox.dataReceived(bytes('-ER'))
    expect(search()).toBeNull()
    inbox.dataReceived(bytes('R x'))
    expect(found(search())).toBe('-ERR')
    expect(Buffer.from(inbox.last!).toString()).toBe('-ERR x')
  })

  it('keeps what came before a send for the steps that wait for it later', () => {
    const inbox = createInbox(undefined)
    inbox.dataReceived(bytes('220 ready\r\n'))
    inbox.noteSent()
    inbox.dataReceived(bytes('250 ok\r\n'))
    expect(found(inbox.search(matcher('contains', '220 ready'))())).toBe('220 ready')
    expect(found(inbox.search(matcher('contains', '250 ok'))())).toBe('250 ok')
  })

  it('lets the oldest go where too much waits, counts it, and finds what is left', () => {
    const inbox = createInbox(undefined)
    inbox.dataReceived(bytes('early'))
    const piece = Buffer.alloc(64 * 1024, 'x')
    for (let sent = 0; sent < 2 * maxUnreadBytes; sent += piece.length) inbox.dataReceived(piece)
    inbox.dataReceived(bytes('late'))
    expect(inbox.passedOver).toBeGreaterThan(maxUnreadBytes)
    expect(inbox.search(matcher('contains', 'early'))()).toBeNull()
    inbox.dataReceived(bytes('latest'))
    expect(found(inbox.search(matcher('contains', 'latest'))())).toBe('latest')
  })

  it('is bounded where the stream comes in tiny chunks too', () => {
    const inbox = createInbox(undefined)
    inbox.dataReceived(bytes('early'))
    for (let i = 0; i < 20_000; i++) inbox.dataReceived(bytes('x'))
    expect(inbox.passedOver).toBeGreaterThan(0)
    expect(inbox.search(matcher('contains', 'early'))()).toBeNull()
  })
})

describe('A framed inbox', () => {
  it('has each message once, skips what does not match, and knows the last one', () => {
    const inbox = createInbox({ kind: 'line' })
    inbox.dataReceived(bytes('one\r\ntw'))
    inbox.dataReceived(bytes('o\nthree\nfo'))
    expect(found(inbox.search(matcher('exact', 'two'))())).toBe('two')
    expect(inbox.search(matcher('exact', 'one'))()).toBeNull()
    expect(Buffer.from(inbox.last!).toString()).toBe('three')
    inbox.flush()
    expect(Buffer.from(inbox.last!).toString()).toBe('fo')
  })

  it('is bounded too', () => {
    const inbox = createInbox({ kind: 'fixed', bytes: 64 * 1024 })
    for (let i = 0; i < 40; i++) inbox.dataReceived(Buffer.alloc(64 * 1024, i))
    expect(inbox.passedOver).toBe(24 * 64 * 1024)
  })

  it('does not keep empty messages without end', () => {
    const inbox = createInbox({ kind: 'line' })
    inbox.dataReceived(bytes('early\n'))
    for (let i = 0; i < 20; i++) inbox.dataReceived(Buffer.alloc(1000, '\n'))
    expect(inbox.passedOver).toBe('early'.length)
    expect(inbox.search(matcher('exact', 'early'))()).toBeNull()
    inbox.dataReceived(bytes('late\n'))
    expect(found(inbox.search(matcher('exact', 'late'))())).toBe('late')
  })
})
