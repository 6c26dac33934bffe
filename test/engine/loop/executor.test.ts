// The executor: functions that compute in worker threads, off the loop. Counterpart: main/engine/loop/executor.ts.
// That no thread is left behind is for the leak check to see, after every test.
import { threadId } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RuntimeError } from '../../../main/engine/loop/errors.ts'
import { ThreadPoolExecutor } from '../../../main/engine/loop/executor.ts'
import { idleLoop, runningLoop, turns } from '../../support/loopback.ts'

const pow = (base: bigint, exponent: bigint) => base ** exponent

const pool = (maxWorkers?: number) => {
  const executor = new ThreadPoolExecutor(maxWorkers)
  onTestFinished(() => executor.shutdown())
  return executor
}

describe('runInExecutor', () => {
  it('computes 323 ** 1235 in another thread, while the loop goes on', async () => {
    const { loop } = idleLoop()
    let beats = 0
    const beat = () => {
      beats++
      loop.callSoon(beat)
    }
    loop.callSoon(beat)
    expect(await loop.runUntilComplete(loop.runInExecutor(null, pow, 323n, 1235n))).toBe(323n ** 1235n)
    // The thread alone takes milliseconds to start: a loop that was blocked would have beaten once at most.
    expect(beats).toBeGreaterThan(3)
  })

  it('does not hold the loop up while a thread blocks', async () => {
    const { loop } = runningLoop()
    const gate = new Int32Array(new SharedArrayBuffer(4))
    const blocked = loop.runInExecutor(
      null,
      (shared: Int32Array<SharedArrayBuffer>) => Atomics.wait(shared, 0, 0),
      gate,
    )
    await loop.sleep(5)
    await turns(50)
    expect(blocked.done()).toBe(false)
    // Until the thread has come to wait, nobody is woken.
    while (Atomics.notify(gate, 0) === 0) await loop.sleep(1)
    expect(await blocked).toBe('ok')
  })

  it('runs in a thread that is not this one', async () => {
    const { loop } = runningLoop()
    const other = await loop.runInExecutor(null, () => {
      const { threadId: id, isMainThread } = process.getBuiltinModule('node:worker_threads')
      return { id, isMainThread }
    })
    expect(other.isMainThread).toBe(false)
    expect(other.id).not.toBe(threadId)
  })

  it('uses the executor it is given', async () => {
    const { loop } = runningLoop()
    const executor = pool(1)
    const thread = () => process.getBuiltinModule('node:worker_threads').threadId
    const first = await loop.runInExecutor(executor, thread)
    expect(await loop.runInExecutor(executor, thread)).toBe(first)
    expect(await loop.runInExecutor(null, thread)).not.toBe(first)
  })

  it('uses the default executor that was set', async () => {
    const { loop } = runningLoop()
    const executor = pool(1)
    loop.setDefaultExecutor(executor)
    const thread = () => process.getBuiltinModule('node:worker_threads').threadId
    expect(await loop.runInExecutor(null, thread)).toBe(await loop.runInExecutor(executor, thread))
  })

  it('gives a future that can be cancelled; the result then is nobody’s', async () => {
    const { loop, reported } = runningLoop()
    const executor = pool(1)
    const future = loop.runInExecutor(executor, pow, 2n, 10n)
    expect(future.cancel()).toBe(true)
    await expect(future).rejects.toThrow('cancelled')
    // The only thread has come to the second job: it is through with the first.
    expect(await loop.runInExecutor(executor, pow, 2n, 3n)).toBe(8n)
    expect(reported).toEqual([])
  })

  it('is refused once the default executor was shut down', async () => {
    const { loop } = runningLoop()
    expect(await loop.runInExecutor(null, pow, 2n, 2n)).toBe(4n)
    await loop.shutdownDefaultExecutor()
    expect(() => loop.runInExecutor(null, pow, 2n, 2n)).toThrow(RuntimeError)
    expect(() => loop.runInExecutor(null, pow, 2n, 2n)).toThrow('Executor shutdown has been called')
    expect(await loop.runInExecutor(pool(), pow, 2n, 2n)).toBe(4n)
  })

  it('whose result comes when the loop is closed does no harm', async () => {
    const { loop } = idleLoop()
    const executor = pool(1)
    const future = loop.runInExecutor(executor, pow, 2n, 10n)
    future.addDoneCallback(() => {})
    loop.close()
    // Shutting down waits for the job.
    await executor.shutdown()
    await turns()
    expect(future.done()).toBe(false)
  })

  it('of a loop that is closed ends its threads, after their jobs', async () => {
    const { loop } = idleLoop()
    await loop.runUntilComplete(loop.runInExecutor(null, pow, 2n, 2n))
    void loop.runInExecutor(null, pow, 2n, 3n)
    loop.close()
  })
})

describe('What a function may be', () => {
  /** As a minifier or another formatter would have written it. */
  const withSource = (source: string): (() => unknown) => Object.assign(() => {}, { toString: () => source })

  it.each<[string, (...args: never[]) => unknown, unknown[], unknown]>([
    ['an arrow function', (a: number, b: number) => a + b, [1, 2], 3],
    ['an arrow function of one bare parameter', withSource('x => x + 1'), [1], 2],
    ['an async arrow function without a space', withSource('async(a)=>a*2'), [21], 42],
    ['an arrow function with a name beyond ASCII', withSource('über => über'), [1], 1],
    [
      'a function declaration',
      function sum(...numbers: number[]) {
        return numbers.reduce((a, b) => a + b, 0)
      },
      [1, 2, 3],
      6,
    ],
    ['an async function, which is awaited', async (text: string) => `${text}!`, ['done'], 'done!'],
    [
      'a function that waits for a timer',
      (ms: number) => new Promise((resolve) => setTimeout(() => resolve('rested'), ms)),
      [5],
      'rested',
    ],
  ])('%s runs', async (_what, fn, args, result) => {
    expect(await pool(1).submit(fn as (...all: unknown[]) => unknown, args)).toEqual(result)
  })

  class Example {
    method() {
      return 1
    }
    async asyncMethod() {
      return 1
    }
    static async async() {
      return 1
    }
    *generator() {
      yield 1
    }
  }
  const { get } = Object.getOwnPropertyDescriptor(
    {
      get value() {
        return 1
      },
    },
    'value',
  )!

  it.each<[string, unknown, RegExp]>([
    ['a native function', Math.max, /max is native or bound and has no source to send; wrap it/],
    ['a bound function', pow.bind(null, 2n), /native or bound/],
    ['a method', new Example().method, /method is a method or class; only functions and arrow functions/],
    ['an async method', new Example().asyncMethod, /method or class/],
    ['a method that is called async', Example.async, /method or class/],
    ['a generator method', new Example().generator, /method or class/],
    ['a getter', get, /method or class/],
    ['a class', Example, /Example is a method or class/],
  ])('%s is refused with a TypeError that says what would be right', async (_what, fn, message) => {
    const submitted = pool(1).submit(fn as () => unknown, [])
    await expect(submitted).rejects.toThrow(TypeError)
    await expect(submitted).rejects.toThrow(message)
  })
})

describe('What crosses between threads', () => {
  it('arguments and results are copies', async () => {
    const executor = pool(1)
    const argument = { list: [1, 2, 3], map: new Map([['a', 1n]]), bytes: Uint8Array.of(1, 2) }
    const result = await executor.submit(
      (value: typeof argument) => {
        value.list.push(4)
        return value
      },
      [argument],
    )
    expect(result).toEqual({ ...argument, list: [1, 2, 3, 4] })
    expect(argument.list).toEqual([1, 2, 3])
  })

  it('an exception comes back with its name and message', async () => {
    const executor = pool(1)
    const submitted = executor.submit(() => {
      throw new RangeError('out of bounds')
    }, [])
    await expect(submitted).rejects.toThrow(RangeError)
    await expect(submitted).rejects.toThrow('out of bounds')
    await expect(executor.submit(() => Promise.reject(new Error('later')), [])).rejects.toThrow('later')
  })

  it('what is thrown and is no Error fails the future with one', async () => {
    const { loop } = runningLoop()
    await expect(
      loop.runInExecutor(null, () => {
        throw 'a string'
      }),
    ).rejects.toThrow('a string')
  })

  it('an argument that cannot be cloned is the failure of this job only', async () => {
    const executor = pool(1)
    const submitted = executor.submit((value: unknown) => value, [() => {}])
    await expect(submitted).rejects.toThrow(/could not be cloned/)
    expect(await executor.submit(pow, [2n, 3n])).toBe(8n)
  })

  it('a result that cannot be cloned is the failure of this job only', async () => {
    const executor = pool(1)
    await expect(executor.submit(() => () => {}, [])).rejects.toThrow(/could not be cloned/)
    expect(await executor.submit(pow, [2n, 3n])).toBe(8n)
  })

  it('an exception that cannot be cloned comes back as its text', async () => {
    const executor = pool(1)
    await expect(
      executor.submit(() => {
        throw Object.assign(new Error('with a function'), { callback: () => {} })
      }, []),
    ).rejects.toThrow('with a function')
  })

  it('a function that uses something from around it is told what is missing', async () => {
    const outside = 5
    await expect(pool(1).submit(() => outside, [])).rejects.toThrow('outside is not defined')
  })
})

describe('A thread that ends', () => {
  it('by process.exit() fails its job with a RuntimeError, and another takes its place', async () => {
    const executor = pool(1)
    const submitted = executor.submit(() => process.exit(3), [])
    await expect(submitted).rejects.toThrow(RuntimeError)
    await expect(submitted).rejects.toThrow('The worker thread ended before the function returned')
    expect(await executor.submit(pow, [2n, 3n])).toBe(8n)
  })

  it('by an exception outside of the function fails its job with that', async () => {
    const executor = pool(1)
    await expect(
      executor.submit(
        () =>
          new Promise(() => {
            setImmediate(() => {
              throw new Error('nobody catches this')
            })
          }),
        [],
      ),
    ).rejects.toThrow('nobody catches this')
    expect(await executor.submit(pow, [2n, 3n])).toBe(8n)
  })

  it('does not take down the jobs that wait', async () => {
    const executor = pool(1)
    const jobs = [executor.submit(() => process.exit(1), []), ...[1n, 2n, 3n].map((n) => executor.submit(pow, [n, 2n]))]
    const results = await Promise.allSettled(jobs)
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  })
})

describe('A pool', () => {
  it('does more jobs than it has threads, each once', async () => {
    const executor = pool(2)
    const jobs = Array.from({ length: 40 }, (_, n) => executor.submit(pow, [BigInt(n), 2n]))
    expect(await Promise.all(jobs)).toEqual(Array.from({ length: 40 }, (_, n) => BigInt(n) ** 2n))
    const threads = await Promise.all(
      Array.from({ length: 20 }, () =>
        executor.submit(() => process.getBuiltinModule('node:worker_threads').threadId, []),
      ),
    )
    expect(new Set(threads).size).toBeLessThanOrEqual(2)
  })

  it('works on as many jobs at a time as it has threads', async () => {
    const executor = pool(2)
    const gate = new Int32Array(new SharedArrayBuffer(4))
    // Each says that it is there and waits for the other: they can only end together.
    const meet = (shared: Int32Array<SharedArrayBuffer>) => {
      if (Atomics.add(shared, 0, 1) === 1) Atomics.notify(shared, 0)
      else Atomics.wait(shared, 0, 1)
      return Atomics.load(shared, 0)
    }
    expect(await Promise.all([executor.submit(meet, [gate]), executor.submit(meet, [gate])])).toEqual([2, 2])
  })

  it('that is shut down finishes what it was given and takes no more', async () => {
    const executor = new ThreadPoolExecutor(1)
    const jobs = [1n, 2n, 3n].map((n) => executor.submit(pow, [n, 2n]))
    const ended = executor.shutdown()
    await expect(executor.submit(pow, [2n, 2n])).rejects.toThrow(RuntimeError)
    await expect(executor.submit(pow, [2n, 2n])).rejects.toThrow('cannot schedule new futures after shutdown')
    await ended
    expect(await Promise.all(jobs)).toEqual([1n, 4n, 9n])
    await executor.shutdown()
  })

  it('that never had a job is shut down at once', async () => {
    await new ThreadPoolExecutor().shutdown()
  })

  it('that is shut down while a thread ends by itself is shut down all the same', async () => {
    const executor = new ThreadPoolExecutor(1)
    const exiting = executor.submit(() => process.exit(0), [])
    exiting.catch(() => {})
    await executor.shutdown()
    await expect(exiting).rejects.toThrow(RuntimeError)
  })

  it.each([0, -1, 1.5, Number.NaN])('of %s threads is refused', (maxWorkers) => {
    expect(() => new ThreadPoolExecutor(maxWorkers)).toThrow(RangeError)
  })
})
