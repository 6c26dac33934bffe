// The lessons as a learner meets them: every claim holds, a changed text tells its own truth, and no text does harm.
// Counterparts: main/lesson-host.ts, main/engine/lessons; test/bench/lessons-100.ts runs each a hundred times.
import { describe, expect, it, onTestFinished } from 'vitest'
import { lessonSource, lessons } from '../../main/engine/lessons/catalogue.ts'
import { unplacedNotes } from '../../main/engine/lessons/steps.ts'
import { createLessonHost, type LessonHostOptions } from '../../main/lesson-host.ts'
import type { LessonRun } from '../../preload/contract/lessons.ts'

const names = lessons.map((lesson) => lesson.name)

const hostForTest = (options?: LessonHostOptions) => {
  const host = createLessonHost(options)
  onTestFinished(() => host.dispose())
  return host
}

const run = async (lesson: string, source?: string, options?: LessonHostOptions): Promise<LessonRun> => {
  const result = await hostForTest(options).run(source === undefined ? { lesson } : { lesson, source })
  if (!result.ok) throw new Error(result.failure.message)
  return result.value
}

const notHeld = (of: LessonRun) => of.claims.filter((claim) => !claim.held)
const printed = (of: LessonRun) => of.console.map((line) => line.text)

describe('Every lesson', () => {
  it.each(names)(
    '%s holds all that it claims, and comes to its end',
    async (name) => {
      for (let i = 0; i < 3; i++) {
        const once = await run(name)
        expect(once.ending).toBe('finished')
        expect(notHeld(once)).toEqual([])
        expect(once.claims.length).toBeGreaterThan(0)
        expect(once.dropped).toEqual({ marks: 0, lines: 0, blocks: 0 })
      }
    },
    60_000,
  )

  it.each(names)('%s fits on a projector: at most 40 lines of at most 120 characters', (name) => {
    const lines = lessonSource(lessons.find((lesson) => lesson.name === name)!)
      .trimEnd()
      .split('\n')
    expect(lines.length).toBeLessThanOrEqual(40)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120)
  })

  it.each(names)('%s has its sentences at lines that are there, each said in at least one run', async (name) => {
    const lesson = lessons.find((each) => each.name === name)!
    expect(unplacedNotes(lessonSource(lesson), lesson.notes)).toEqual([])
    const said = new Set((await run(name)).steps.map((step) => step.text))
    for (const note of lesson.notes)
      expect([...said].some((text) => text !== null && note.say.includes(text))).toBe(true)
  })

  it.each(names)('%s claims nothing that an empty text would hold', async (name) => {
    const empty = await run(name, 'console.log()')
    expect(empty.edited).toBe(true)
    expect(notHeld(empty)).toHaveLength(empty.claims.length)
  })
})

describe('The steps of a run', () => {
  it('light lines that were really running: V8’s own stack says the same', async () => {
    const source = `
const lineOf = () => new Error().stack!.split('\\n').filter((frame) => frame.includes('lesson.ts:'))[2]!.split(':').at(-2)
const where = () => {
  const line = lineOf()
  console.log(line)
}
async function wait() {
  await new Promise((resolve) => setTimeout(resolve, 1))
  where()
  if (true) {
    where()
  }
}
where()
await wait()
process.nextTick(() => {
  where()
})
`
    const seen = await run('tasks', source)
    expect(seen.error).toBeNull()
    // Each printed line is the line that V8 names; the step before it is the one that was lit.
    expect(printed(seen)).toEqual(['14', '9', '11', '17'])
    const callers = ['main', 'wait', 'nextTick callback']
    const lit = seen.console.map((_, i) => {
      const printing = seen.steps.findIndex((step) => step.runs === 'where' && step.printed === i + 1)
      return String(seen.steps.slice(0, printing).findLast((step) => callers.includes(step.runs))?.line)
    })
    expect(lit).toEqual(printed(seen))
  })

  it('say who waits where while something else runs', async () => {
    const { steps } = await run('coroutines')
    const returning = steps.find((step) => step.runs === 'compute' && step.turn === 'microtask')
    expect(returning?.waiting).toEqual([
      { line: 10, name: 'printSum', count: 1 },
      { line: 14, name: 'main', count: 1 },
    ])
    expect(returning?.microtasks).toEqual(['printSum', 'main'])
  })

  it('tell of a wait in poll, and of what was waiting meanwhile', async () => {
    const { steps } = await run('coroutines')
    const waits = steps.filter((step) => step.waitedMs > 0)
    expect(waits.at(-1)).toMatchObject({ phase: 'poll', line: 0, timers: 1 })
  })
})

describe('A changed lesson', () => {
  it('is held against the same claims, and shows the new truth', async () => {
    const source = lessonSource(lessons.find((lesson) => lesson.name === 'phases')!)
    const changed = await run('phases', source.replace('process.nextTick(() =>', 'setTimeout(() =>'))
    expect(changed.edited).toBe(true)
    expect(changed.ending).toBe('finished')
    const order = changed.claims.find((claim) => claim.text.startsWith('In one I/O callback'))
    expect(order?.held).toBe(false)
    expect(order?.seen).toMatch(/“inside: microtask”.*“inside: tick”/)
  })

  it('that cannot be parsed says where, and runs nothing', async () => {
    const broken = await run('echo', 'const a = 1\nlet b: = 2\n')
    expect(broken).toMatchObject({ ending: 'not-parsed', error: { line: 2, column: 8 }, steps: [], console: [] })
    expect(await run('echo', 'let a = 1\nlet a = 2')).toMatchObject({ error: { line: 2, column: 5 } })
    expect(await run('echo', '\n  enum E { A }')).toMatchObject({ error: { line: 2, column: 3 } })
    expect(await run('echo', "import fs from 'node:fs'")).toMatchObject({
      ending: 'not-parsed',
      error: { line: 1, column: 1, message: expect.stringContaining('node:fs') },
    })
  })

  it('that throws says where, in the columns of its own text', async () => {
    const source =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
      'const a: number = 1\nasync function f() {\n  await null; throw new RangeError(`no ${a}`)\n}\nawait f()\n'
    expect(await run('echo', source)).toMatchObject({
      ending: 'failed',
      error: { line: 3, column: 21, message: 'RangeError: no 1' },
    })
    expect(await run('echo', 'setTimeout(() => {\n  undefinedName()\n}, 1)')).toMatchObject({
      ending: 'failed',
      error: { line: 2, column: 3, message: 'ReferenceError: undefinedName is not defined' },
    })
  })

  it.each([
    ['in a statement', 'console.log(1)\nlet i = 0\nwhile (true) {\n  i++\n}\n', 4],
    ['in an empty one', 'console.log(1)\nwhile (true);\n', 2],
  ])('that loops for ever %s is ended, with the line and what it had done', async (_, source, line) => {
    const endless = await run('echo', source, { bounds: { timeMs: 700, memoryMb: 64 } })
    expect(endless).toMatchObject({ ending: 'timed-out', error: { line } })
  })

  it('that never ends is ended in order, and all of it is told', async () => {
    const source = "console.log('here')\nsetInterval(() => {}, 5)\n"
    const endless = await run('echo', source, { bounds: { timeMs: 700, memoryMb: 64 } })
    expect(endless.ending).toBe('timed-out')
    expect(printed(endless)).toEqual(['here'])
    expect(endless.blocks.filter((block) => block.phase === 'timers').length).toBeGreaterThan(5)
  })

  it.each([
    ['objects', 'const kept: number[][] = []\nwhile (true) {\n  kept.push(new Array(10_000).fill(1.5))\n}\n'],
    ['buffers', 'const kept: Buffer[] = []\nwhile (true) {\n  kept.push(Buffer.alloc(1_000_000))\n}\n'],
  ])('that eats memory with %s is ended, with the line', async (_, source) => {
    expect(await run('echo', source, { bounds: { timeMs: 20_000, memoryMb: 64 } })).toMatchObject({
      ending: 'out-of-memory',
      error: { line: 3 },
    })
  })

  it('that waits for what nobody will ever do is told so', async () => {
    expect(await run('echo', 'console.log(1)\nawait new Promise(() => {})\n')).toMatchObject({
      ending: 'stuck',
      error: { line: 2 },
    })
  })

  it('that prints without end is cut, and the rest counted', async () => {
    const chatty = await run('echo', 'for (let i = 0; i < 5000; i++) {\n  console.log(i)\n}\n')
    expect(chatty.console).toHaveLength(2000)
    expect(chatty.dropped.lines).toBe(3000)
    expect(chatty.steps.length).toBeLessThan(50)
  })

  it('is refused where the page may be somebody else’s, and the lesson’s own text is not', async () => {
    const host = hostForTest({ runsEdited: false })
    expect(await host.run({ lesson: 'tasks', source: 'console.log(1)' })).toMatchObject({
      ok: false,
      failure: { code: 'refused' },
    })
    expect(await host.run({ lesson: 'tasks' })).toMatchObject({ ok: true })
  })

  it('runs in a process of which it can end only its own thread', async () => {
    expect(await run('echo', "console.log('before')\nprocess.exit(3)\n")).toMatchObject({
      ending: 'failed',
      error: { line: 2 },
      console: [{ text: 'before' }],
    })
  })
})

describe('The host of lessons', () => {
  it('names what there is when asked for a lesson that there is not', async () => {
    const result = await hostForTest().run({ lesson: 'nope' })
    expect(result).toMatchObject({ ok: false, failure: { code: 'not-found' } })
    for (const name of names) expect(JSON.stringify(result)).toContain(name)
  })

  it('ends every run when it is disposed of', async () => {
    const host = createLessonHost()
    const running = host.run({ lesson: 'echo', source: 'setInterval(() => {}, 1000)' })
    await new Promise((resolve) => setImmediate(resolve))
    await host.dispose()
    await running
    expect(await host.run({ lesson: 'echo' })).toMatchObject({ ok: false, failure: { code: 'engine-stopped' } })
  })
})
