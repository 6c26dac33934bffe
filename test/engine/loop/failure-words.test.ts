// System errors in words: real ones from sockets, and that nothing of Node's shorthand is left where the errno is known.
import net from 'node:net'
import { describe, expect, it } from 'vitest'
import { failureOf, systemError } from '../../../main/engine/loop/errors.ts'
import { freePort } from '../../support/loopback.ts'

const likeNode = (syscall: string, code: string, more: object = {}) =>
  Object.assign(new Error(`${syscall} ${code} 192.0.2.1:80`), {
    code,
    syscall,
    address: '192.0.2.1',
    port: 80,
    ...more,
  })

describe('A system error', () => {
  it('of a refused connection names the address, and keeps its errno name as the code', async () => {
    const port = await freePort()
    const error = await new Promise<Error>((resolve) => net.connect(port, '127.0.0.1').once('error', resolve))
    expect(failureOf(error)).toEqual({
      code: 'ECONNREFUSED',
      message: `Nothing accepts connections on 127.0.0.1:${port}`,
    })
  })

  it('of an IPv6 address is written as one', () => {
    expect(failureOf(likeNode('connect', 'ECONNREFUSED', { address: '::1' })).message).toBe(
      'Nothing accepts connections on [::1]:80',
    )
  })

  it('of a connection that was open says what the peer did', () => {
    expect(failureOf(likeNode('read', 'ECONNRESET')).message).toBe('The peer reset the connection')
    expect(failureOf(likeNode('write', 'EPIPE')).message).toBe(
      'The peer had closed the connection before these bytes could be written',
    )
  })

  it('of a name names the name', () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND nowhere.invalid'), {
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
      hostname: 'nowhere.invalid',
    })
    expect(failureOf(error).message).toBe('No address was found for the name nowhere.invalid')
  })

  it('of ours keeps its sentence, without the errno name that stands beside it', () => {
    expect(failureOf(systemError('ETIMEDOUT', 'no answer within 50 ms'))).toEqual({
      code: 'ETIMEDOUT',
      message: 'no answer within 50 ms',
    })
  })

  it('that is not known, or no system error at all, keeps its own words', () => {
    expect(failureOf(likeNode('connect', 'ESOMETHING')).message).toBe('connect ESOMETHING 192.0.2.1:80')
    expect(failureOf(new TypeError('no'))).toEqual({ code: 'TypeError', message: 'no' })
    expect(failureOf(likeNode('connect', 'constructor')).message).toBe('connect constructor 192.0.2.1:80')
  })
})
