// Future in each of its states, as asyncio.Future; and awaited in Node's way. Counterpart: main/engine/loop/future.ts.
import { describe, expect, it } from 'vitest'
import { CancelledError, InvalidStateError } from '../../../main/engine/loop/errors.ts'
import type { Future } from '../../../main/engine/loop/future.ts'
import { idleLoop, runningLoop, turns } from '../../support/loopback.ts'

const states = <T>(future: Future<T>) => ({ done: future.done(), cancelled: future.cancelled() })

describe('A pending future', () => {
  it('has neither result nor exception', () => {
    const future = idleLoop().loop.createFuture<number>()
    expect(states(future)).toEqual({ done: false, cancelled: false })
    expect(() => future.result()).toThrow(InvalidStateError)
    expect(() => future.result()).toThrow('Result is not set.')
    expect(() => future.exception()).toThrow(InvalidStateError)
    expect(() => future.exception()).toThrow('Exception is not set.')
  })
})

describe('A future with a result', () => {
  it('gives it, and no exception', () => {
    const future = idleLoop().loop.createFuture<number>()
    future.setResult(42)
    expect(states(future)).toEqual({ done: true, cancelled: false })
    expect(future.result()).toBe(42)
    expect(future.exception()).toBeNull()
  })
})

describe('A future with an exception', () => {
  it('throws it as its result, and gives it as its exception', () => {
    const future = idleLoop().loop.createFuture<number>()
    const error = new Error('boom')
    future.setException(error)
    expect(states(future)).toEqual({ done: true, cancelled: false })
    expect(() => future.result()).toThrow(error)
    expect(future.exception()).toBe(error)
  })
})

describe('A cancelled future', () => {
  it('throws CancelledError as its result and when it is asked for its exception', () => {
    const future = idleLoop().loop.createFuture<number>()
    expect(future.cancel('not needed any more')).toBe(true)
    expect(states(future)).toEqual({ done: true, cancelled: true })
    expect(() => future.result()).toThrow(CancelledError)
    expect(() => future.result()).toThrow('not needed any more')
    expect(() => future.exception()).toThrow(CancelledError)
  })

  it('has a message also where none was given', () => {
    const future = idleLoop().loop.createFuture<number>()
    future.cancel()
    expect(() => future.result()).toThrow('The operation was cancelled')
  })
})

describe('A future that is done', () => {
  const ways: Record<string, (future: Future<number>) => unknown> = {
    'has a result': (future) => future.setResult(1),
    'has an exception': (future) => future.setException(new Error('boom')),
    'is cancelled': (future) => future.cancel(),
  }

  it.each(Object.keys(ways))('because it %s, takes no other end', (way) => {
    const future = idleLoop().loop.createFuture<number>()
    ways[way]!(future)
    const before = states(future)
    expect(() => future.setResult(2)).toThrow(InvalidStateError)
    expect(() => future.setException(new Error('late'))).toThrow(InvalidStateError)
    expect(future.cancel()).toBe(false)
    expect(states(future)).toEqual(before)
  })
})

describe('Done callbacks', () => {
  it('run through callSoon, in order, with the future', async () => {
    const { loop } = runningLoop()
    const future = loop.createFuture<number>()
    const ran: unknown[] = []
    future.addDoneCallback((done) => ran.push(['first', done === future]))
    future.addDoneCallback(() => ran.push('second'))
    loop.callSoon(() => {
      future.setResult(1)
      ran.push('set')
    })
    loop.callSoon(() => ran.push('same batch'))
    await turns()
    expect(ran).toEqual(['set', 'same batch', ['first', true], 'second'])
  })

  it('that are added when it is done run through callSoon too', async () => {
    const { loop } = runningLoop()
    const future = loop.createFuture<number>()
    future.cancel()
    let ran = false
    future.addDoneCallback(() => {
      ran = true
    })
    expect(ran).toBe(false)
    await turns()
    expect(ran).toBe(true)
  })

  it('can be removed, all of one kind at once, and are counted', async () => {
    const { loop } = runningLoop()
    const future = loop.createFuture<number>()
    const ran: string[] = []
    const removed = () => ran.push('removed')
    const kept = () => ran.push('kept')
    for (const callback of [removed, kept, removed]) future.addDoneCallback(callback)
    expect(future.removeDoneCallback(removed)).toBe(2)
    expect(future.removeDoneCallback(removed)).toBe(0)
    future.setResult(1)
    expect(future.removeDoneCallback(kept)).toBe(0)
    await turns()
    expect(ran).toEqual(['kept'])
  })

  it('that throw are reported, and the others run', async () => {
    const { loop, reported } = runningLoop()
    const future = loop.createFuture<number>()
    let ran = false
    future.addDoneCallback(() => {
      throw new Error('boom')
    })
    future.addDoneCallback(() => {
      ran = true
    })
    future.setResult(1)
    await turns()
    expect(ran).toBe(true)
    expect(reported.map(({ exception }) => exception.message)).toEqual(['boom'])
  })

  it('wait while the loop is not running', async () => {
    const { loop } = idleLoop()
    const future = loop.createFuture<number>()
    let ran = false
    future.addDoneCallback(() => {
      ran = true
    })
    future.setResult(1)
    await turns()
    expect(ran).toBe(false)
    await loop.runUntilComplete(future)
    expect(ran).toBe(true)
  })

  it('cannot run any more when the loop is closed, which setResult says as asyncio does', () => {
    const { loop } = idleLoop()
    const future = loop.createFuture<number>()
    future.addDoneCallback(() => {})
    loop.close()
    expect(() => future.setResult(1)).toThrow('Event loop is closed')
    expect(future.result()).toBe(1)
  })
})

describe('An awaited future', () => {
  it('gives its result, its exception or CancelledError', async () => {
    const { loop } = runningLoop()
    const [result, exception, cancelled] = [1, 2, 3].map(() => loop.createFuture<string>())
    loop.callSoon(() => {
      result!.setResult('kept')
      exception!.setException(new Error('boom'))
      cancelled!.cancel()
    })
    expect(await result).toBe('kept')
    await expect(exception).rejects.toThrow('boom')
    await expect(cancelled).rejects.toThrow(CancelledError)
  })

  it('can be awaited by several, and again', async () => {
    const { loop } = runningLoop()
    const future = loop.createFuture<string>()
    loop.callSoon(() => future.setResult('kept'))
    expect(await Promise.all([future, future, future.then((text) => text.length)])).toEqual(['kept', 'kept', 4])
    expect(await future).toBe('kept')
  })
})
