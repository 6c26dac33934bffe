// The sheets' fields: what they start with, what they make, and what they say where something is wrong.
import { describe, expect, test } from 'vitest'
import { i18n } from '../../renderer/i18n/index.ts'
import {
  defaultValues,
  type FormValues,
  freePortFrom,
  specOf,
  uniqueName,
  valuesOf,
} from '../../renderer/workbench/sheets/form.ts'
import { problemOfRefusal, problemOfStart } from '../../renderer/workbench/sheets/problem.ts'
import { clientSpec, endpoint, endpointId, listenerSpec, relaySpec } from './support/facts.ts'

const words = { timeoutInvalid: 'no timeout', snapInvalid: 'no snap length' }
const filled = (more: Partial<FormValues> = {}): FormValues => ({ ...defaultValues('relay', []), ...more })

describe('the fields', () => {
  test('describe each kind of endpoint, and give it a name where none was typed', () => {
    expect(specOf('listener', filled({ port: '0', greeting: 'hi\\r\\n' }), 'Echo', words)).toEqual({
      ok: true,
      spec: {
        role: 'listener',
        name: 'Echo',
        host: '127.0.0.1',
        port: 0,
        reply: 'echo',
        greeting: new TextEncoder().encode('hi\r\n'),
      },
    })
    expect(specOf('client', filled({ name: ' a ', host: '[::1]', port: '80' }), 'x', words)).toEqual({
      ok: true,
      spec: { role: 'client', name: 'a', host: '::1', port: 80, connectTimeoutMs: 5000 },
    })
    expect(specOf('relay', filled(), 'relay', words)).toEqual({ ok: true, spec: relaySpec(8080, 8888) })
  })

  test('say everything that is wrong with them at once, each under its field', () => {
    const result = specOf(
      'relay',
      filled({ host: 'a b', port: '70000', upstreamHost: '', upstreamPort: '0', connectTimeoutMs: '1.5' }),
      'relay',
      words,
    )
    if (result.ok) throw new Error('this should not describe an endpoint')
    expect(result.errors.host).toContain('“a b”')
    expect(result.errors.port).toContain('70000')
    expect(Object.keys(result.errors).sort()).toEqual(
      ['connectTimeoutMs', 'host', 'port', 'upstreamHost', 'upstreamPort'].sort(),
    )
  })

  test('take port 0 only where any free port makes sense', () => {
    expect(specOf('listener', filled({ port: '0' }), 'x', words).ok).toBe(true)
    expect(specOf('client', filled({ port: '0' }), 'x', words).ok).toBe(false)
  })

  test('keep as much of each payload as they say, all where they say nothing', () => {
    const snapBytes = (typed: string) => {
      const result = specOf('listener', filled({ snapBytes: typed }), 'x', words)
      return result.ok ? result.spec.snapBytes : result.errors
    }
    expect(snapBytes('')).toBeUndefined()
    expect(snapBytes('0')).toBe(0)
    expect(snapBytes('65 536')).toBe(65_536)
    for (const typed of ['-1', '1.5', 'all', '4294967296'])
      expect(snapBytes(typed)).toEqual({ snapBytes: 'no snap length' })
  })

  test('say where an escape in the greeting is wrong', () => {
    const result = specOf('listener', filled({ greeting: '\\xZ1' }), 'x', words)
    expect(result.ok ? '' : result.errors.greeting).toContain('\\x')
  })

  test('show an endpoint that is there as it was typed', () => {
    for (const spec of [listenerSpec(1), clientSpec(2), relaySpec(3, 4), { ...listenerSpec(5), snapBytes: 256 }])
      expect(specOf(spec.role, valuesOf(spec), 'unused', words)).toEqual({ ok: true, spec })
  })

  test('start with a port that none of our endpoints has, and aim a client at our newest listener', () => {
    const ours = [endpoint(1, listenerSpec(8888)), endpoint(2, listenerSpec(9001))]
    expect(defaultValues('listener', ours).port).toBe('8889')
    expect(defaultValues('client', ours).port).toBe('9001')
    expect(defaultValues('relay', ours)).toMatchObject({ port: '8080', upstreamPort: '9001' })
  })

  test('aim at this machine where a listener listens on all of its addresses', () => {
    const everywhere = endpoint(1, listenerSpec(8888), { local: { host: '0.0.0.0', port: 8888 } })
    expect(defaultValues('client', [everywhere]).host).toBe('127.0.0.1')
  })
})

test('names are counted up where they are taken', () => {
  const ours = [endpoint(1, listenerSpec(1, 'Echo')), endpoint(2, listenerSpec(1, 'Echo 2'))]
  expect([uniqueName('Discard', ours), uniqueName('Echo', ours)]).toEqual(['Discard', 'Echo 3'])
})

test('there is no free port above the highest', () => {
  expect(freePortFrom(65535, new Set([65535]))).toBe(0)
})

describe('a start that failed', () => {
  const problem = (code: string, spec = listenerSpec(8888), others = [] as ReturnType<typeof endpoint>[]) =>
    problemOfStart(i18n.t, { code, message: 'it failed' }, spec, endpointId(9), others)

  test('at a port of ours names who has it and the next free one', () => {
    const ours = [endpoint(1, relaySpec(8888, 1, 'api')), endpoint(2, listenerSpec(8889))]
    expect(problem('EADDRINUSE', listenerSpec(8888), ours)).toEqual({
      field: 'port',
      message: 'Port 8888 is taken by relay api.',
      suggestedPort: 8890,
    })
  })

  test('at a port of somebody else says so', () => {
    expect(problem('EADDRINUSE')).toEqual({
      field: 'port',
      message: 'Port 8888 is taken by another program.',
      suggestedPort: 8889,
    })
  })

  test('does not blame the endpoint itself for having its port', () => {
    expect(problem('EADDRINUSE', listenerSpec(8888), [endpoint(9, listenerSpec(8888))]).message).toContain('another')
  })

  test('stands under the field that it is about, with its errno name', () => {
    const fields = {
      EACCES: 'port',
      EADDRNOTAVAIL: 'host',
      ECONNREFUSED: 'port',
      ENOTFOUND: 'host',
      ETIMEDOUT: 'host',
      EHOSTUNREACH: 'host',
      EPROTO: null,
    } as const
    for (const [code, field] of Object.entries(fields)) {
      const { field: found, message } = problem(code, clientSpec(9))
      expect([code, found]).toEqual([code, field])
      expect(message).toContain(code)
    }
  })

  test('that the border refused stands under the field that it names', () => {
    expect(problemOfRefusal({ code: 'bad-argument', message: 'no', path: 'spec.upstreamPort' }).field).toBe(
      'upstreamPort',
    )
    expect(problemOfRefusal({ code: 'wrong-state', message: 'no' }).field).toBeNull()
  })
})
