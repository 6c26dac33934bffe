// What the sheets make of TLS, sockets and reconnecting. Counterpart: renderer/tls/connectivity.ts.
import { describe, expect, it } from 'vitest'
import { checkSpec } from '../../../preload/contract/checks.ts'
import type { ClientSpec, ListenerSpec } from '../../../preload/contract/vocabulary.ts'
import {
  alpnOf,
  alpnText,
  connectivityOf,
  errorsIn,
  newClientTls,
  newServerTls,
  withConnectivity,
} from '../../../renderer/tls/connectivity.ts'

const client: ClientSpec = { role: 'client', name: 'c', host: 'localhost', port: 1, connectTimeoutMs: 1000 }
const listener: ListenerSpec = {
  role: 'listener',
  name: 'l',
  host: '::1',
  port: 0,
  reply: 'echo',
  greeting: new Uint8Array(),
}

describe('TLS, sockets and reconnecting in a sheet', () => {
  it('add nothing to a spec as long as nobody touches them', () => {
    expect(withConnectivity(client, connectivityOf(client))).toEqual(client)
    expect(withConnectivity(listener, connectivityOf(undefined))).toEqual(listener)
  })

  it('come back as they were', () => {
    const full: ClientSpec = {
      ...client,
      tls: { ...newClientTls, serverName: 'a.test', verify: false, alpn: ['h2'] },
      socket: { noDelay: false, keepAliveMs: 60_000, highWaterBytes: 1 },
      reconnect: { firstMs: 10, maxMs: 100, attempts: 3 },
    }
    expect(withConnectivity(client, connectivityOf(full))).toEqual(full)
    const served: ListenerSpec = { ...listener, tls: newServerTls }
    expect(withConnectivity(listener, connectivityOf(served))).toEqual(served)
  })

  it('start from what the border lets in', () => {
    expect(checkSpec({ ...client, tls: newClientTls }).ok).toBe(true)
    expect(checkSpec({ ...listener, tls: newServerTls }).ok).toBe(true)
  })

  it.each([
    ['keepAlive', '0', 'keepAliveInvalid'],
    ['keepAlive', '1.5', 'keepAliveInvalid'],
    ['highWater', '-1', 'highWaterInvalid'],
    ['highWater', '2000000000', 'highWaterInvalid'],
  ] as const)('say what is wrong with %s of %s', (field, text, word) => {
    const values = connectivityOf(client)
    const typed = { ...values, socket: { ...values.socket, [field]: text } }
    expect(errorsIn('listener', typed)).toEqual({ [field]: word })
  })

  it('say what is wrong with waits, only where there are any', () => {
    const values = connectivityOf(client)
    const wrong = { on: true, firstMs: '500', maxMs: '100', attempts: 'x' }
    expect(errorsIn('client', { ...values, reconnect: wrong })).toEqual({
      maxMs: 'waitOrder',
      attempts: 'attemptsInvalid',
    })
    expect(errorsIn('client', { ...values, reconnect: { ...wrong, on: false } })).toEqual({})
    expect(errorsIn('client', { ...values, reconnect: { ...wrong, firstMs: '' } })).toMatchObject({
      firstMs: 'waitInvalid',
    })
  })

  it('take ALPN with commas, spaces or both', () => {
    expect(alpnOf(' h2,http/1.1  x,')).toEqual(['h2', 'http/1.1', 'x'])
    expect(alpnText(['h2', 'x'])).toBe('h2, x')
  })
})
