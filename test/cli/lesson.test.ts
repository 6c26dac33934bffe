// `wireloop lesson` as its users run it. Counterparts: main/cli/lesson.ts; test/lessons runs every lesson.
import { expect, it } from 'vitest'
import { lessons } from '../../main/engine/lessons/catalogue.ts'
import { parseLines, runWireloop } from '../support/command-line.ts'

it('lists the lessons in teaching order when none is named', async () => {
  const { code, stdout, stderr } = await runWireloop(['lesson'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const listed = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).slice(0, 2))
  expect(listed).toEqual(lessons.map((lesson, i) => [String(i + 1), lesson.name]))
})

it('lists them as JSON, one a line', async () => {
  const { stdout } = await runWireloop(['lesson', '--json'])
  expect(parseLines(stdout)).toMatchObject(lessons.map(({ name, title }) => ({ kind: 'lesson', name, title })))
})

it('prints steps, what was printed, and every claim as held', async () => {
  const { code, stdout, stderr } = await runWireloop(['lesson', 'tasks'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('> runForever has returned')
  expect(stdout).toMatch(/line \d+, main, script, iteration 0: A task asks the loop for a turn/)
  expect(stdout.match(/^held {4}/gm)).toHaveLength(lessons.find(({ name }) => name === 'tasks')!.claims.length)
  expect(stdout).not.toContain('NOT HELD')
})

it('prints them as JSON, one object a line, the verdict last', async () => {
  const { code, stdout } = await runWireloop(['lesson', 'phases', '--json'])
  expect(code).toBe(0)
  const lines = parseLines(stdout)
  expect(new Set(lines.map(({ kind }) => kind))).toEqual(new Set(['step', 'console', 'claim', 'lesson-ended']))
  expect(lines.at(-1)).toMatchObject({ kind: 'lesson-ended', lesson: 'phases', ending: 'finished', held: 4, claims: 4 })
})

it('refuses a name that it does not know with exit code 2, and lists those that it does', async () => {
  const { code, stdout, stderr } = await runWireloop(['lesson', 'nope'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  for (const { name } of lessons) expect(stderr).toContain(name)
})
